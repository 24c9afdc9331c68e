"""What is said, not how much: the brand's own posts, and whether what came on top is a storm or just a crowd."""

from __future__ import annotations

import math

from stormdesk.detect.detectors.windows import MENTIONS, NEGATIVE, PEOPLE, RIVAL, USUAL_RIVAL

CROWD, STORM = 0.30, 0.65
"""Highest negative share that a usual crowd brings, and the share that a storm brings."""
SPREAD = 0.02
"""Overdispersion of the negative share: the posts of one hour are about one thing."""
NAMED = 1.25
"""Of posts that spill over from a rival, four in five name it."""
BLAMED = 0.85
"""Share of foreign posts that is taken to be negative."""

LEAST = 12
"""Negative posts above the usual share that a slow climb or a change of mood needs."""
MANY = 10.0
"""Added to both sides of a comparison of shares, so that a handful of posts is no mood."""


def own(span: list[float]) -> tuple[float, float]:
    """People and negatives that are the brand's own: without posts of few busy authors, without a rival's storm.

    What is taken away is taken to be negative, so that neither bots nor a rival's trouble pass for a storm.
    """
    whole, usual = span[MENTIONS], span[USUAL_RIVAL]
    foreign = max(0.0, whole - span[PEOPLE] - 0.5 * math.sqrt(whole))
    if span[RIVAL] > usual:
        foreign += max(0.0, span[RIVAL] - usual - 1.5 * math.sqrt(usual + 1)) * NAMED
    if foreign <= 0:
        return whole, span[NEGATIVE]
    people = max(0.0, whole - foreign)
    return people, min(people, max(0.0, span[NEGATIVE] - BLAMED * foreign))


def surprise(people: float, bad: float, expected: float, share: float) -> float:
    """Log likelihood ratio of two binomials, deflated for overdispersion: what came on top is a storm, or a crowd.

    people and bad: mentions and negatives that came; expected: mentions that are usual; share: usual negative share.
    """
    if people < 1 or people <= expected:
        return 0.0
    usual = expected * share
    extra = people - expected
    crowd = (usual + extra * min(CROWD, max(share, 0.05))) / people
    storm = (usual + extra * max(STORM, min(share, 0.9))) / people
    ratio = bad * math.log(storm / crowd) + (people - bad) * math.log((1 - storm) / (1 - crowd))
    return ratio / (1 + people * SPREAD)


def mood(people: float, bad: float, expected: float, share: float) -> float:
    """Log of how much the share of negatives has risen, in units of how much such a share swings."""
    if people < 0.7 * expected or bad - people * share < LEAST:
        return 0.0
    return math.log((bad + MANY) / (people * share + MANY)) * 2 * math.sqrt(share / (1.02 - share))
