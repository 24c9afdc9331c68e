"""Small differences between names: which are a slip that nobody notices, and which make another name."""

from __future__ import annotations

_LONG = 9
"""Letters from which two slips still leave a name recognisable."""
_MIDDLE = 7
"""Letters from which any one slip does. In shorter names one letter makes another name: Monza is not Monzo."""
_SHORT = 5
"""Letters from which one letter more, or a vowel less, inside a name is passed over."""
_VOWELS = frozenset("aeou")
_NEAR = frozenset({"gq", "ck", "sz", "ly", "uv", "mn", "kq", "cg", "vw", "ft"})
"""Letters taken for one another in short names too (i is written l here)."""


def edits(a: str, b: str) -> int:
    """Optimal string alignment distance: insertions, deletions, changes and swaps of neighbours."""
    if abs(len(a) - len(b)) > max(len(a), len(b)) // 2:
        return max(len(a), len(b))
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[-1] + 1, last[j] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def slip(face: str, mine: str) -> bool:
    """Whether `face` is `mine` but for what a reader passes over."""
    if len(mine) < 4 or abs(len(face) - len(mine)) > 2:
        return False
    if _undoubled(face) == _undoubled(mine):
        return True
    count = edits(face, mine)
    if count == 1:
        return (
            len(mine) >= _MIDDLE
            or _swapped(face, mine)
            or _near(face, mine)
            or (
                len(mine) >= _SHORT
                and face[0] == mine[0]
                and face[-1] == mine[-1]
                and _more_or_less(face, mine)
            )
        )
    return count == 2 and len(mine) >= _LONG


def _undoubled(name: str) -> str:
    return "".join(char for i, char in enumerate(name) if i == 0 or char != name[i - 1])


def _swapped(face: str, mine: str) -> bool:
    return len(face) == len(mine) and sorted(face) == sorted(mine)


def _near(face: str, mine: str) -> bool:
    if len(face) != len(mine):
        return False
    changed = [(x, y) for x, y in zip(face, mine, strict=True) if x != y]
    return len(changed) == 1 and "".join(sorted(changed[0])) in _NEAR


def _more_or_less(face: str, mine: str) -> bool:
    """Whether one letter was added inside, or one vowel left out."""
    if len(face) == len(mine) + 1:
        return True
    return len(face) == len(mine) - 1 and any(
        mine[:i] + mine[i + 1 :] == face for i, char in enumerate(mine) if char in _VOWELS
    )
