"""How many posts a minute: the day profile of ordinary talk, and a storm that doubles, peaks and halves."""

from __future__ import annotations

import random
from typing import Any

# Relative talk in each hour of the day, 00 to 23; its mean is 1.
_DAY = (0.76, 0.75, 0.75, 0.75, 0.76, 0.80, 0.88, 0.98, 1.06, 1.08, 1.06, 1.05,
        1.08, 1.08, 1.04, 1.04, 1.07, 1.14, 1.20, 1.24, 1.24, 1.20, 1.08, 0.91)  # fmt: skip


def quiet_talk(numbers: dict[str, Any], first_hour: int, source: random.Random) -> list[int]:
    """Seconds from the beginning at which ordinary posts come; the drill begins at `first_hour` of the day."""
    calm = numbers["background_hours"]
    found: list[int] = []
    for hour in range(calm + numbers["storm_hours"]):
        expected = numbers["background_per_hour"] * _DAY[(first_hour + hour) % 24]
        if hour >= calm:
            expected *= 0.6  # in a storm part of the ordinary talk falls silent
        count = round(expected + source.uniform(-2, 2))
        found += [hour * 3600 + source.randrange(3600) for _ in range(count)]
    return sorted(found)


def storm_talk(numbers: dict[str, Any], source: random.Random) -> list[int]:
    """Seconds after the first post at which the storm's posts come: one as often as the expected count grows by one."""
    peak, growth, fade = (numbers[key] for key in ("peak_minutes", "doubling_minutes", "half_life_minutes"))
    found: list[int] = []
    expected, wanted = 0.0, 1.0
    for minute in range(numbers["storm_hours"] * 60):
        distance = minute - peak
        expected += (
            numbers["peak_per_hour"] / 60 * 2 ** (distance / growth if distance < 0 else -distance / fade)
        )
        while expected >= wanted:
            found.append(minute * 60 + source.randrange(60))
            wanted += source.uniform(0.6, 1.4)
    return sorted(found)
