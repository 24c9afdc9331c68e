"""Look-alike handles and domains written by hand, ours beside the plain ratio of rapidfuzz, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bench.understand.compare_personal import SETS
from bench.understand.rows import Row
from stormdesk.understand import LOOKALIKE, lookalike

_OTHERS = "%% others"


def pairs(name: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(own, imitation) and (own, somebody else) of a set."""
    imitations: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    into = imitations
    for line in (SETS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("%%"):
            into = others if line == _OTHERS else imitations
        elif line and not line.startswith("#"):
            own, _, handles = line.partition(": ")
            into += [(own, handle) for handle in handles.split()]
    return imitations, others


def _ratio() -> Callable[[str, str], bool]:
    """What is usually installed for this: one ratio of edits with one threshold."""
    from rapidfuzz.fuzz import ratio

    return lambda handle, own: ratio(handle.casefold(), own.casefold().lstrip("@")) >= 100 * LOOKALIKE


def rows(_: Path) -> Iterator[Row]:
    judges: list[tuple[str, Callable[[str, str], bool]]] = [
        ("ours", lambda handle, own: lookalike(handle, [own]) >= LOOKALIKE)
    ]
    try:
        judges.append(("rapidfuzz ratio", _ratio()))
    except ImportError:
        yield Row("handles beside rapidfuzz", "rapidfuzz is not installed", 0, float("nan"))
    for name, how in (("handles_aside", "by hand, aside"), ("handles_tuning", "by hand, tuned on")):
        imitations, others = pairs(name)
        for title, judge in judges:
            mine = title == "ours"
            caught = sum(judge(handle, own) for own, handle in imitations)
            wrong = sum(judge(handle, own) for own, handle in others)
            yield Row(
                f"look-alike handles, recall, %: {title}",
                how,
                len(imitations),
                100 * caught / len(imitations),
                *((95, 99) if mine else ()),
            )
            yield Row(
                f"  false, %: {title}",
                how,
                len(others),
                100 * wrong / len(others),
                *((6, 4) if mine else ()),
                less=True,
            )
