"""The language of short posts beside lingua, and what is said of languages nobody taught us."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.understand.compare_personal import SETS
from bench.understand.rows import Row
from stormdesk.understand import Text, read
from stormdesk.understand.training import sources

_SEVEN = ("ru", "en", "uk", "kk", "de", "es", "tr")
Judge = Callable[[Sequence[str]], list[str]]


def _ours(texts: Sequence[str]) -> list[str]:
    return [reading.language for reading in read([Text("", text) for text in texts])]


def _lingua(only: Sequence[str] = ()) -> Judge:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    if only:
        codes = [getattr(IsoCode639_1, code.upper()) for code in only]
        detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
    else:
        detector = LanguageDetectorBuilder.from_all_languages().build()

    def judge(texts: Sequence[str]) -> list[str]:
        found = [detector.detect_language_of(text) for text in texts]
        return ["unknown" if one is None else one.iso_code_639_1.name.lower() for one in found]

    return judge


def rows(data: Path) -> Iterator[Row]:
    posts = [
        row
        for number, row in enumerate(sources.rows(data / "langid" / "social_short_dev.csv.gz"))
        if sources.set_aside(number) and row["lang"] in _SEVEN
    ]
    strange = [
        line
        for line in (SETS / "unknown.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    judges: list[tuple[str, Judge]] = [("ours (whole reading)", _ours)]
    try:
        judges += [("lingua, all languages", _lingua()), ("lingua, these seven", _lingua(_SEVEN))]
    except ImportError:
        yield Row("language beside lingua", "lingua is not installed", 0, float("nan"))
    for title, judge in judges:
        mine = title.startswith("ours")
        judge([posts[0]["text"]])
        started = time.process_time()
        said = judge([row["text"] for row in posts])
        rate = len(posts) / (time.process_time() - started)
        right = sum(a == row["lang"] for a, row in zip(said, posts, strict=True))
        yield Row(
            f"language of short posts, %: {title}",
            "set aside",
            len(posts),
            100 * right / len(posts),
            *((96, 98) if mine else ()),
        )
        yield Row(f"  posts per second: {title}", "measured", len(posts), rate)
        honest = sum(one == "unknown" for one in judge(strange)) if mine else None
        if honest is not None:
            yield Row("  “unknown” when it is, %", "by hand", len(strange), 100 * honest / len(strange))
