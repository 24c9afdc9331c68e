"""Sums over the last minutes, at any number of scales, from one running total per column."""

from __future__ import annotations

from stormdesk.detect.detectors.base import Part

COLUMNS = ("mentions", "people", "negative", "rival", "expected", "slow", "authors", "positive")
"""mentions, negative, rival (also naming a competitor), authors and positive as counted; people: mentions that a usual
number of posts per author would give; expected and slow: what the two memories of the baseline said."""
MENTIONS, PEOPLE, NEGATIVE, RIVAL, EXPECTED, SLOWLY, AUTHORS, POSITIVE = range(len(COLUMNS))


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
        # written out, because this is the warmest line of the room
        a, b, c, d, e, f, g, h = values
        totals.append(
            [
                last[0] + a,
                last[1] + b,
                last[2] + c,
                last[3] + d,
                last[4] + e,
                last[5] + f,
                last[6] + g,
                last[7] + h,
            ]
        )
        if len(totals) > 3 * self.steps + 3:
            first = totals[-self.steps - 1]
            self.totals = [
                [a - b for a, b in zip(row, first, strict=True)] for row in totals[-self.steps - 1 :]
            ]

    def sums(self, length: int) -> tuple[float, float, float, float, float, float]:
        """The first six columns summed over the last `length` steps."""
        totals = self.totals
        a, b = totals[-1], totals[-1 - length]
        return a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], a[4] - b[4], a[5] - b[5]

    def sum(self, column: int, length: int) -> float:
        """One column summed over the last `length` steps."""
        return self.totals[-1][column] - self.totals[-1 - length][column]
