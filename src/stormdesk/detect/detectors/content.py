"""What is said, not how much: the brand's own posts, and whether what came on top is a storm or just a crowd."""

from __future__ import annotations

import math

from stormdesk.detect.detectors.swing import Swing

CROWD = (0.25, 0.32)
"""Lowest and highest negative share that a crowd without a storm is granted."""
STORM = (0.45, 0.85)
"""Lowest and highest negative share of what a storm brings."""
SPREAD = 0.02
"""Overdispersion of the negative share: the posts of one hour are about one thing."""
NAMED = 1.25
"""Of posts that spill over from a rival, four in five name it."""
BUSY = 1.09
"""Posts of few busy authors come from some people, too: about a twelfth as many as their posts."""
BLAMED = 0.95
"""Share of foreign posts that is taken to be negative."""
LEAST_SPREAD = 0.003
"""No brand's posts of a day are less alike than this."""
SURPRISE = 1.5
"""Log likelihood ratio that content needs at all."""
TOLD = 1.5
"""The evidence is at most this many times what the likelihood ratio alone would give, in standard deviations."""
TYPICAL = 0.6
"""Negative share of what a storm brings, for weighing volume against mood."""
MILD = 0.42
"""Share of the mildest storm: volume beyond what it would need to lift the mood so far counts for nothing."""

SOME = 8.0
"""Added to both sides of each ratio of people, so that one post in the night is not a storm."""
FEW = 4.0
"""The same for negatives."""
LEAST = 12
"""Negative posts above the usual that a slow climb needs."""
HANDFUL = 6.0
"""Fewer negative posts than this above the usual of two hours weaken all evidence of content in proportion."""
GOING_ON = 1.5
"""A slow climb stands out at most this many deviations more than the last two hours do: what is over is over."""
LAST = 3
"""Of the comparisons, two hours; those after it are slow."""


def own(
    whole: float, people: float, negative: float, named: float, usually_named: float
) -> tuple[float, float]:
    """People and negatives that are the brand's own: without posts of few busy authors, without a rival's storm.

    What is taken away is taken to be negative, so that neither bots nor a rival's trouble pass for a storm.
    """
    foreign = whole - people - 0.5 * math.sqrt(whole)
    foreign = foreign * BUSY if foreign > 0 else 0.0
    if named > usually_named:
        foreign += max(0.0, named - usually_named - 1.5 * math.sqrt(usually_named + 1)) * NAMED
    if foreign <= 0:
        return whole, negative
    people = max(0.0, whole - foreign)
    return people, min(people, max(0.0, negative - BLAMED * foreign))


def surprise(people: float, bad: float, expected: float, share: float, spread: float = SPREAD) -> float:
    """Log likelihood ratio of two binomials, deflated for overdispersion: what came on top is a storm, or a crowd.

    people and bad: mentions and negatives that came; expected: mentions that are usual; share: usual negative share;
    spread: overdispersion of the share within this span.
    The share of the storm is the likeliest one that storms have (a generalised likelihood ratio).
    """
    if people < 1 or bad <= people * share:
        return 0.0
    extra = max(people - expected, 0.1 * people)
    usual = (people - extra) * share
    crowd = (usual + extra * min(CROWD[1], max(1.1 * share, CROWD[0]))) / people
    storm = (usual + extra * min(STORM[1], max(STORM[0], (bad - usual) / extra))) / people
    if storm <= crowd:
        return 0.0
    ratio = bad * math.log(storm / crowd) + (people - bad) * math.log((1 - storm) / (1 - crowd))
    return max(0.0, ratio / (1 + people * spread))


def evidence(louder: float, worse: float, noise: float, swing: float, share: float) -> tuple[float, float]:
    """How far volume and mood together stand out, in standard deviations: for judging, and for learning what is usual.

    louder, worse: logs of people and of the negative share against what is usual; noise, swing: their variances.
    The two are weighed as a linear discriminant weighs them for a typical storm (Fisher 1936): a brand whose mood
    hardly swings is judged by its mood, one whose volume is steady by its volume. Volume counts only so far as a mild
    storm would need it to lift the mood this far, so that a crowd passes for nothing. For judging, the plain log of
    negatives against the usual is taken if it stands out more: a storm many times the usual needs no weighing.
    """
    weight = max(0.3, TYPICAL / share - 1)
    of_volume, of_mood = 1 / noise, weight / swing
    lifted = math.exp(worse)
    room = MILD - share * lifted
    needed = math.log1p((lifted - 1) * share / room) if room > 0.02 else math.inf
    plain = (louder + worse) / math.sqrt(noise + swing)
    joint = of_volume * min(louder, needed) + of_mood * worse
    joint /= math.sqrt(of_volume * of_volume * noise + of_mood * of_mood * swing)
    return max(plain, joint), max(0.0, joint)


def _clumped(swing: float, share: float) -> float:
    """Overdispersion of the negative share over many hours, from how much this brand's mood swings over them.

    What an hour is about evens out over a day, so one figure for all spans would ask too much of a slow climb.
    The variance of the log of a share is rho × (1 - share) / share.
    """
    return max(LEAST_SPREAD, swing * share / (1 - share))


def worsened(
    compared: list[tuple[float, float, float]],
    share: float,
    noise: Swing,
    swing: Swing,
    due: bool,
    calm: bool,
) -> tuple[list[float], list[float]]:
    """Per comparison the evidence of a storm, in deviations: as it is judged, and as it is learnt.

    compared: people, negatives and people expected, from five minutes to a fading day; share: usual negative share;
    noise, swing: how much volume and mood swing without reason, which are moved on if it is due and calm.
    """
    worse, usual = [], []
    lately = 0.0
    for place, (people, bad, expected) in enumerate(compared):
        came = people * share
        if bad <= came and not due and place != LAST:
            worse.append(0.0)
            usual.append(0.0)
            continue
        louder = math.log((people + SOME) / (expected + SOME))
        sourer = math.log((bad + FEW) / (came + FEW))
        counted = expected / (expected + SOME) ** 2
        felt = came * (1 - share) / (came + FEW) ** 2
        off, sour = louder - noise.middle[place], sourer - swing.middle[place]
        of_volume, of_mood = noise.spread[place] + counted, swing.spread[place] + felt
        if place == LAST:
            lately = (off + sour) / math.sqrt(of_volume + of_mood)
        if due and calm:
            noise.learn(place, louder, counted)
            swing.learn(place, sourer, felt)
        if sour <= 0:
            worse.append(0.0)
            usual.append(0.0)
            continue
        value, plain = evidence(off, sour, of_volume, of_mood, share)
        usual.append(plain)
        said = surprise(
            people, bad, expected, share, _clumped(swing.spread[place], share) if place > LAST else SPREAD
        )
        value = min(value, TOLD * math.sqrt(2 * said)) if said >= SURPRISE else 0.0
        if place > LAST:
            value = min(value, lately + GOING_ON) if bad - expected * share >= LEAST else 0.0
        worse.append(max(0.0, value))
    on_top = compared[LAST][1] - compared[LAST][2] * share
    if on_top < HANDFUL:
        worse = [value * max(0.0, on_top) / HANDFUL for value in worse]
    return worse, usual
