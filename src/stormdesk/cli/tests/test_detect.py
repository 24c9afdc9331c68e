"""`stormdesk detect`: good files give one row per row; bad ones give one sentence with file, line and remedy."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.cli.main import main
from stormdesk.detect.detectors import Bucket, Detector

START = datetime(2026, 11, 2, tzinfo=UTC)


def table(rows=1500, storm=range(1400, 1440), sep=",", end="\n", offset=""):
    lines = [sep.join(["timestamp", "mentions", "negative", "authors"])]
    for i in range(rows):
        count = (10 + i % 5) * (15 if i in storm else 1)
        bad = count * 3 // 4 if i in storm else 2
        lines.append(
            sep.join(
                [
                    f"{START + timedelta(minutes=5 * i):%Y-%m-%dT%H:%M:%S}{offset}",
                    str(count),
                    str(bad),
                    str(count),
                ]
            )
        )
    return end.join(lines) + end


def detect(tmp_path, *files, budget="0.25"):
    return main(["detect", "--budget", budget, "--out", str(tmp_path / "out"), *map(str, files)])


def written(tmp_path, name="meadow.csv"):
    with (tmp_path / "out" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_one_row_per_row_and_the_storm_in_a_sentence(tmp_path):
    source = tmp_path / "meadow.csv"
    source.write_text(table())
    assert detect(tmp_path, source) == 0
    rows = written(tmp_path)
    assert list(rows[0]) == ["timestamp", "expected", "upper", "score", "alert"]
    assert len(rows) == 1500
    assert next(i for i, row in enumerate(rows) if row["alert"]) in range(1400, 1404)
    alert = json.loads((tmp_path / "out" / "alerts.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert set(alert) == {"series", "at", "kind", "score", "sentence"}
    assert alert["series"] == "meadow"
    assert "in the last hour" in alert["sentence"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + table(),
        table(end="\r\n"),
        table(sep=";"),
        table(sep="\t"),
        table(offset="Z"),
        table().replace("\n", "\n\n"),
        table(end=",,\n"),
        "\n".join([table().splitlines()[0], *reversed(table().splitlines()[1:])]),
    ],
    ids=["bom", "crlf", "semicolons", "tabs", "zulu", "empty lines", "empty cells", "unsorted"],
)
def test_the_same_table_in_other_clothes(tmp_path, text):
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text(table())
    other.write_bytes(text.encode())
    assert detect(tmp_path, plain, other) == 0

    def kept(name):
        return [(row["score"], row["alert"]) for row in written(tmp_path, name)]

    assert kept("plain.csv") == kept("other.csv")


def test_gzip_in_gzip_out(tmp_path):
    source = tmp_path / "meadow.csv.gz"
    source.write_bytes(gzip.compress(table(50).encode()))
    assert detect(tmp_path, source) == 0
    with gzip.open(tmp_path / "out" / "meadow.csv.gz", "rt") as lines:
        assert len(lines.readlines()) == 51


def test_a_clock_change_with_offsets_is_no_jump(tmp_path):
    source = tmp_path / "meadow.csv"
    source.write_text(
        "timestamp,mentions\n2026-10-25T02:50:00+02:00,5\n2026-10-25T02:55:00+02:00,5\n"
        "2026-10-25T02:00:00+01:00,5\n2026-10-25T02:05:00+01:00,5\n"
    )
    assert detect(tmp_path, source) == 0
    assert [row["timestamp"][-6:] for row in written(tmp_path)] == ["+02:00", "+02:00", "+01:00", "+01:00"]


@pytest.mark.parametrize(
    "rows", ["2026-11-02,5", "2026-11-02T00:00,5\n2026-11-02T00:05,", "2026-11-02T00:00,999999999999999999"]
)
def test_little_and_much_are_taken(tmp_path, rows):
    source = tmp_path / "meadow.csv"
    source.write_text("timestamp,mentions\n" + rows)
    assert detect(tmp_path, source) == 0
    assert len(written(tmp_path)) == rows.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "no counts"),
        ("timestamp,mentions\n", 1, "no counts"),
        ("when,who\n2026-11-02,5\n", 1, "timestamp"),
        ("timestamp,posts\n2026-11-02,5\n", 1, "mentions"),
        ("timestamp,mentions\n2026-11-02T00:00,5\nyesterday,5\n", 3, "yesterday"),
        ("timestamp,mentions\n2026-13-02T00:00,5\n", 2, "2026-13-02"),
        ("timestamp,mentions\n9999-12-31T23:59:00-10:00,5\n", 2, "9999"),
        ("timestamp,mentions\n2026-11-02T00:00,-5\n", 2, "-5"),
        ("timestamp,mentions\n2026-11-02T00:00,NaN\n", 2, "NaN"),
        ("timestamp,mentions\n2026-11-02T00:00,inf\n", 2, "inf"),
        ("timestamp,mentions\n2026-11-02T00:00,4.5\n", 2, "4.5"),
        ("timestamp,mentions\n2026-11-02T00:00,1e999\n", 2, "1e999"),
        ("timestamp,mentions,negative\n2026-11-02T00:00,5,many\n", 2, "negative"),
        ("timestamp,mentions\n2026-11-02T00:00,5\n2026-11-02T00:00,5\n", 3, "line 2"),
        ("timestamp,mentions\n2026-11-02T03:00+03:00,5\n2026-11-02T00:00Z,5\n", 3, "line 2"),
        ('timestamp,mentions\n"soon\nor later",5\n', 3, "soon or later"),
        ("timestamp,mentions\n2026-11-02T00:00\n", 2, "cut short"),
        ("timestamp,mentions\n2026-11-02T00:00,1,234\n", 2, "more cells"),
        ("timestamp,mentions\n2026-01-02,5\n2026-03-02,5\n", 3, "day"),
        ("timestamp,mentions\n2026-01-02T00:00:00,5\n2026-01-02T00:00:01,5\n", 3, "ten seconds"),
        ("timestamp,mentions,Mentions\n2026-01-02,5,6\n", 1, "twice"),
        ("timestamp,count,value\n2026-01-02,5,6\n", 1, "twice"),
        ('timestamp,mentions\n"2026-11-02T00:00,5\n', 2, "cut short"),
        ("timestamp,mentions\n2026-11-02T00:00,5" + "9" * 200_000 + "\n", 2, "CSV"),
    ],
)
def test_bad_input_gives_one_sentence(tmp_path, capsys, text, line, word):
    source = tmp_path / "meadow.csv"
    source.write_text(text)
    assert detect(tmp_path, source) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{source}, line {line}: ")
    assert word in said
    assert said.count("\n") == 1


def test_what_is_no_table_at_all(tmp_path, capsys):
    folder, binary, half = tmp_path / "folder.csv", tmp_path / "binary.csv", tmp_path / "half.csv.gz"
    folder.mkdir()
    binary.write_bytes(b"timestamp,mentions\n\xff\xfe\x00\n")
    half.write_bytes(gzip.compress(table(100).encode())[:50])
    spoilt = bytearray(gzip.compress(table(100).encode()))
    spoilt[40:60] = b"\xff" * 20
    damaged = tmp_path / "damaged.csv.gz"
    damaged.write_bytes(spoilt)
    for source in (folder, binary, half, damaged, tmp_path / "nowhere.csv"):
        assert detect(tmp_path, source) == 2
        said = capsys.readouterr().err
        assert said.startswith(str(source))
        assert said.count("\n") == 1


def test_nothing_is_overwritten(tmp_path, capsys):
    source = tmp_path / "meadow.csv"
    source.write_text(table(10))
    assert main(["detect", "--out", str(tmp_path), str(source)]) == 2
    assert source.read_text() == table(10)
    assert detect(tmp_path, source, source) == 2
    assert "--out" in capsys.readouterr().err


def test_the_command_scores_what_the_detector_scores(tmp_path):
    source = tmp_path / "meadow.csv"
    source.write_text(table())
    assert detect(tmp_path, source) == 0
    detector = Detector(step_minutes=5, budget=0.25)
    for given, told in zip(csv.DictReader(table().splitlines()), written(tmp_path), strict=True):
        at = datetime.fromisoformat(given["timestamp"]).replace(tzinfo=UTC)
        counts = (int(given[name]) for name in ("mentions", "negative", "authors"))
        score = detector.update(Bucket(at, *counts))
        assert (told["timestamp"], told["alert"]) == (given["timestamp"], score.alert)
        assert abs(float(told["score"]) - score.score) < 1e-7


def test_a_fault_in_the_last_file_leaves_no_half_of_a_result(tmp_path, capsys):
    good, bad, out = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "out"
    good.write_text(table())
    bad.write_text(table().replace(",14,", ",much,", 1))
    assert detect(tmp_path, good) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(before) == {"good.csv", "alerts.jsonl"}
    assert detect(tmp_path, good, bad, budget="5") == 2
    assert "much" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path, capsys):
    source = tmp_path / "meadow.csv"
    source.write_text(table(10))
    assert main(["detect", "--out", str(source / "out"), str(source)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(str(source / "out"))
    assert said.count("\n") == 1


def test_a_missing_row_is_a_gap_and_not_a_zero(tmp_path):
    lines = table(1500, storm=range(0)).splitlines()
    whole, holed, zeros = (tmp_path / f"{name}.csv" for name in ("whole", "holed", "zeros"))
    whole.write_text("\n".join(lines))
    holed.write_text("\n".join(lines[:1001] + lines[1101:]))
    empty = [line.split(",")[0] + ",0,0,0" for line in lines[1001:1101]]
    zeros.write_text("\n".join(lines[:1001] + empty + lines[1101:]))
    assert detect(tmp_path, whole, holed, zeros) == 0
    usual, gap, nothing = (
        float(written(tmp_path, path.name)[-390]["expected"]) for path in (whole, holed, zeros)
    )
    assert abs(gap - usual) < 0.1 * usual
    assert nothing < gap


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "much"])
def test_the_budget_is_a_number_above_zero(tmp_path, budget):
    source = tmp_path / "meadow.csv"
    source.write_text(table(10))
    with pytest.raises(SystemExit) as stopped:
        detect(tmp_path, source, budget=budget)
    assert stopped.value.code == 2
