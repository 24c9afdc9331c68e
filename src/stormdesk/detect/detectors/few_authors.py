"""For brands of which hardly anyone speaks: a few different people at once are news."""

from __future__ import annotations

import math

WINDOW = 15
RARE = 1.5
"""Mentions an hour above which the other comparisons know better."""
LEAST = 3


def few_authors(people: float, expected: float) -> float:
    """How often a week at least this many people come within 15 minutes, by chance; infinite where it does not apply.

    expected: mentions that are usual within the 15 minutes. Negative binomial with the dispersion of real streams of
    brand mentions (size 0.95 times the mean to the power 0.55), on half as many mentions again as are expected.
    """
    came = int(people + 0.5)
    if expected * 60 / WINDOW > RARE or came < LEAST:
        return math.inf
    mean = max(expected, 0.02) * 1.5
    size = 0.95 * mean**0.55
    chance = size / (size + mean)
    term = below = chance**size
    for k in range(1, came):
        term *= (k - 1 + size) / k * (1 - chance)
        below += term
        if term < 1e-12:
            break
    return max(1e-6, (1 - below) * 7 * 1440 / WINDOW)
