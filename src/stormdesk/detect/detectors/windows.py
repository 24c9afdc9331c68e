"""Sums over the last minutes, at any number of scales, from one running total per column."""

from __future__ import annotations

from stormdesk.detect.detectors.base import Part

COLUMNS = (
    "mentions",
    "people",
    "negative",
    "rival",
    "expected",
    "slow",
    "usual_negative",
    "usual_rival",
    "authors",
    "positive",
)
"""mentions, negative, rival (also naming a competitor), authors and positive as counted; people: mentions that a usual number
of posts per author would give; expected and slow: what the two memories of the baseline said; usual_negative,
usual_rival: what was expected of these."""
MENTIONS, PEOPLE, NEGATIVE, RIVAL, EXPECTED, SLOWLY, USUAL_NEGATIVE, USUAL_RIVAL, AUTHORS, POSITIVE = range(
    len(COLUMNS)
)


class Windows(Part):
    """The last `steps` steps; a step that was not heard adds nothing on either side of a comparison."""

    memory = ("totals",)

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.totals: list[list[float]] = [[0.0] * len(COLUMNS) for _ in range(steps + 1)]

    def push(self, values: tuple[float, ...], steps: int) -> None:
        """Move on by `steps` steps, of which only the last was heard."""
        totals = self.totals
        last = totals[-1]
        if steps > 1:
            totals.extend([last] * min(steps - 1, self.steps))
        totals.append([a + b for a, b in zip(last, values, strict=True)])
        if len(totals) > 3 * self.steps + 3:
            first = totals[-self.steps - 1]
            self.totals = [
                [a - b for a, b in zip(row, first, strict=True)] for row in totals[-self.steps - 1 :]
            ]

    def sums(self, length: int, ago: int = 0) -> list[float]:
        """The columns summed over `length` steps ending `ago` steps before now."""
        totals = self.totals
        return [a - b for a, b in zip(totals[-1 - ago], totals[-1 - ago - length], strict=True)]
