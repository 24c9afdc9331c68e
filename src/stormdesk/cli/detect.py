"""Score CSV files of counts as if they came in live, and write what would have been alerted."""

from __future__ import annotations

import argparse
import csv
import gettext as catalogues
import gzip
import io
import json
import math
import statistics
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from gettext import gettext as _
from itertools import pairwise
from pathlib import Path
from typing import IO

import stormdesk.detect.detectors as room
from stormdesk.core.errors import BadInput
from stormdesk.detect.detectors import Bucket, Detector, sentence

REQUIRED = ("timestamp", "mentions")
OPTIONAL = ("negative", "authors", "duplicates", "competitor")
OTHER_NAMES = {"value": "mentions", "count": "mentions", "time": "timestamp"}
USUAL_STEP = 5.0
SHORTEST_STEP = 1 / 6
"""Minutes: counts of ten seconds are the finest that are taken."""
ALERTS = "alerts.jsonl"
LONGEST_FIELD = 131_072
"""Characters; said here because the limit is the whole process's and others raise it."""


@dataclass(frozen=True)
class Row:
    line: int
    written: str
    """The timestamp as it stands in the file."""
    bucket: Bucket


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk detect`."""
    parser.add_argument(
        "--budget",
        type=_budget,
        default=0.25,
        metavar=_("NUMBER"),
        help=_("false alarms per brand and week that are tolerated (default: 0.25)"),
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar=_("DIR"),
        help=_("folder for the results, made if it is missing"),
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar=_("FILE.csv"),
        help=_("timestamp, mentions[, negative, authors, duplicates, competitor] per step; may be gzipped"),
    )


def run(args: argparse.Namespace) -> int:
    """Write DIR/<same name> for each file and DIR/alerts.jsonl. Raises BadInput naming file, line and remedy."""
    out: Path = args.out
    _refuse_collisions(out, args.files)
    words = _room_words()
    try:
        out.mkdir(parents=True, exist_ok=True)
        # everything is written aside first: a fault in the last file leaves no half of a result behind
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=out) as aside:
            with (Path(aside) / ALERTS).open("w", encoding="utf-8") as alerts:
                for path in args.files:
                    _score(path, read_rows(path), Path(aside) / path.name, alerts, args.budget, words)
            for written in Path(aside).iterdir():
                written.replace(out / written.name)
    except OSError as error:
        raise BadInput(
            _("results cannot be written to this folder ({reason}). Name another with --out.").format(
                reason=error.strerror
            ),
            where=str(out),
        ) from None
    return 0


def _budget(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(_("the budget is a number above zero, such as 0.25"))
    return value


def _refuse_collisions(out: Path, files: list[Path]) -> None:
    seen: set[str] = set()
    for path in files:
        if path.name in seen or path.name == ALERTS:
            raise BadInput(
                _("two results would have this name. Rename a file, or run them one after the other."),
                where=str(path),
            )
        seen.add(path.name)
        if path.resolve().parent == out.resolve():
            raise BadInput(
                _("the result would overwrite this file. Name another folder with --out."), where=str(path)
            )


def _score(
    path: Path,
    rows: list[Row],
    target: Path,
    alerts: IO[str],
    budget: float,
    words: catalogues.NullTranslations,
) -> None:
    detector = Detector(step_minutes=_step(path, rows), budget=budget)
    series = path.name.removesuffix(".gz").removesuffix(".csv")
    language = "ru" if words.info().get("language") == "ru" else "en"
    with _open_out(target) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["timestamp", "expected", "upper", "score", "alert"])
        for row in rows:
            score = detector.update(row.bucket)
            writer.writerow(
                [
                    row.written,
                    "" if score.expected is None else round(score.expected, 3),
                    "" if score.upper is None else round(score.upper, 3),
                    round(score.score, 8),
                    score.alert,
                ]
            )
            if score.alert:
                told = {
                    "series": series,
                    "at": row.bucket.at.isoformat(),
                    "kind": score.alert,
                    "score": round(score.score, 8),
                    "sentence": sentence(score.facts, language, series, words.gettext, words.ngettext),
                }
                alerts.write(json.dumps(told, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[Row]:
    """The rows of a file in the order of time. Raises BadInput naming file, line and remedy."""
    text = _text(path)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    places: dict[str, int] | None = None
    columns = 0
    seen: dict[datetime, int] = {}
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if places is None:
                places, columns = _places(path, line, cells), len(cells)
                continue
            if any(cell.strip() for cell in cells[columns:]):
                # such as 1,234: the separator of thousands would cut the count in two
                raise _bad(
                    path,
                    line,
                    _(
                        "this row has more cells than the first line names. Write counts without separators "
                        "of thousands, and name every column."
                    ),
                )
            row = _row(path, line, cells, places)
            if first := seen.get(row.bucket.at):
                raise _bad(
                    path,
                    line,
                    _(
                        "the time {time} stands on line {first} already. Add both rows into one, "
                        "or write local times with their offset, such as +03:00."
                    ).format(time=row.written, first=first),
                )
            seen[row.bucket.at] = line
            rows.append(row)
    except csv.Error as error:
        raise _bad(
            path,
            reader.line_num,
            _("this is not CSV ({reason}). Save the table as CSV in UTF-8.").format(reason=error),
        ) from None
    if not rows:
        raise _bad(
            path,
            1,
            _("there are no counts in this file. The first line names the columns: timestamp,mentions."),
        )
    return sorted(rows, key=lambda row: row.bucket.at)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadInput(
            _("this file is damaged: it cannot be unpacked to its end. Pack or fetch it anew."),
            where=str(path),
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(
            _("this file cannot be read ({reason}). Check its name and rights.").format(reason=reason),
            where=str(path),
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _bad(path, line, _("this is not UTF-8. Save the table as CSV in UTF-8.")) from None


def _places(path: Path, line: int, cells: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = cell.strip().casefold()
        name = OTHER_NAMES.get(name, name)
        if name in places and name in (*REQUIRED, *OPTIONAL):
            raise _bad(
                path, line, _("the column “{name}” stands twice. Keep one of the two.").format(name=name)
            )
        places.setdefault(name, place)
    for name in REQUIRED:
        if name not in places:
            raise _bad(
                path,
                line,
                _(
                    "there is no column “{name}”. The first line names the columns: timestamp,mentions."
                ).format(name=name),
            )
    return places


def _row(path: Path, line: int, cells: list[str], places: dict[str, int]) -> Row:
    def cell(name: str) -> str:
        place = places.get(name, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    written = cell("timestamp")
    try:
        at = datetime.fromisoformat(written)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        at.timestamp()
    except (ValueError, OverflowError):
        raise _bad(
            path,
            line,
            _("“{text}” is not a time. Write it as 2026-11-17T10:20:00Z.").format(text=_short(written)),
        ) from None
    if len(cells) <= places["mentions"]:
        raise _bad(path, line, _("this row is cut short. Complete it, or leave it out if nothing was heard."))
    counts = {name: _count(path, line, name, cell(name)) for name in ("mentions", *OPTIONAL)}
    return Row(
        line,
        written,
        Bucket(
            at,
            counts["mentions"],
            counts["negative"] or 0,
            counts["authors"],
            counts["duplicates"] or 0,
            counts["competitor"] or 0,
        ),
    )


def _count(path: Path, line: int, name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        if text.isascii() and text.isdigit() and len(text) < 20:
            return int(text)
        value = float(text)
        if 0 <= value < math.inf and value == int(value):
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise _bad(
        path,
        line,
        _(
            "“{text}” is not a count of {name}. Write a whole number, or leave the row out if nothing was heard."
        ).format(text=_short(text), name=name),
    )


def _step(path: Path, rows: list[Row]) -> float:
    """Minutes between neighbouring rows, the middle one of all distances; five for a single row."""
    times = [row.bucket.at.timestamp() / 60 for row in rows]
    step = statistics.median_low([b - a for a, b in pairwise(times)] or [USUAL_STEP])
    if step < SHORTEST_STEP:
        raise _bad(
            path,
            rows[1].line,
            _("the rows are less than ten seconds apart. Count by the minute or five minutes."),
        )
    if step > 1440:
        raise _bad(
            path,
            rows[1].line,
            _("the rows are more than a day apart. Count by the day, the hour or five minutes."),
        )
    return step


def _open_out(target: Path) -> IO[str]:
    if target.name.endswith(".gz"):
        return gzip.open(target, "wt", encoding="utf-8", newline="")
    return target.open("w", encoding="utf-8", newline="")


def _room_words() -> catalogues.NullTranslations:
    """The translations of the early warning room, in the terminal's language."""
    folder = Path(room.__file__).parent.parent / "locale"
    return catalogues.translation("django", folder, fallback=True)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"


def _bad(path: Path, line: int, words: str) -> BadInput:
    return BadInput(words, where=_("{path}, line {line}").format(path=path, line=line))
