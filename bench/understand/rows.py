"""One line of the table: what was measured, on how much, and the floor and target it stands beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """`value`, `floor`, `target` and `beyond` in the unit of the measure; `less` when smaller is better.

    `usual` is what somebody would otherwise install, and its value in the same run, or that it is not installed.
    """

    measure: str
    how: str
    count: int
    value: float
    floor: float | None = None
    target: float | None = None
    less: bool = False
    beyond: float | None = None
    usual: str = ""

    @property
    def standing(self) -> str:
        """Where the value stands: “beyond”, “target”, “floor”, “below” or nothing when there is no yardstick."""

        def reached(mark: float | None) -> bool:
            return mark is not None and (self.value <= mark if self.less else self.value >= mark)

        if reached(self.beyond):
            return "beyond"
        if reached(self.target):
            return "target"
        if reached(self.floor):
            return "floor"
        return "below" if self.floor is not None else ""


Measure = Callable[[Path], list[Row]]
