"""How rare is this for this brand: a threshold that is a budget of false alarms.

The largest value of each block of three hours is kept for two weeks. Above their upper quintile the excess is taken
as generalised Pareto (peaks over threshold: Pickands 1975; Davison and Smith 1990), its scale drawn towards a prior
as long as there are few, its shape fixed. So each value has an expected number of blocks per week that reach it.
"""

from __future__ import annotations

from typing import Any

from stormdesk.detect.detectors.base import Part

BLOCK_MINUTES = 180
BLOCKS = 112
SHARE = 0.2
PER_WEEK = 7 * 1440 / BLOCK_MINUTES


class Tail(Part):
    """The upper tail of one statistic of one brand.

    start: the quintile assumed before anything is known; scale: the mean excess assumed; shape: of the generalised
    Pareto (0.1: a little heavier than exponential); trust: how many observed excesses the prior is worth; robust:
    an excess counts for at most this many times the middle one, so that storms nobody noticed do not widen the tail
    (0: as it is).
    """

    memory = ("highest", "blocks", "threshold", "scale")

    def __init__(
        self,
        start: float,
        scale: float,
        shape: float = 0.1,
        trust: float = 12,
        pseudo: int = 16,
        robust: float = 0.0,
    ) -> None:
        self.start, self.prior, self.shape, self.trust, self.pseudo = start, scale, shape, trust, pseudo
        self.robust = robust
        self.highest = 0.0
        self.blocks: list[float] = []
        self.threshold = start
        self.scale = scale

    def rate(self, value: float) -> float:
        """Blocks per week expected to reach `value`."""
        over = value - self.threshold
        if over <= 0:
            return PER_WEEK * SHARE
        return PER_WEEK * SHARE * (1 + self.shape * over / self.scale) ** (-1 / self.shape)

    def height(self, rate: float) -> float:
        """The value that is reached `rate` times a week: the inverse of `rate`."""
        share = PER_WEEK * SHARE / rate
        return (
            self.threshold + self.scale / self.shape * (share**self.shape - 1)
            if share > 1
            else self.threshold
        )

    def close(self) -> None:
        """A block is over: its highest value goes into the tail."""
        self.blocks.append(self.highest)
        self.highest = 0.0
        if len(self.blocks) > BLOCKS:
            del self.blocks[0]
        missing = max(0, self.pseudo - len(self.blocks))
        ordered = sorted(self.blocks)
        own = ordered[min(len(ordered) - 1, int(len(ordered) * (1 - SHARE)))]
        self.threshold = (own * len(ordered) + self.start * missing) / (len(ordered) + missing)
        excess = [value - self.threshold for value in ordered if value > self.threshold]
        if self.robust and excess:
            most = self.robust * excess[len(excess) // 2]
            excess = [min(value, most) for value in excess]
        self.scale = (sum(excess) + self.prior * self.trust) / (len(excess) + self.trust)


class Tails:
    """One tail per comparison; the rarest counts."""

    def __init__(
        self, *priors: tuple[float, float], trust: float = 12, robust: float = 0.0, shape: float = 0.1
    ) -> None:
        self.tails = [Tail(start, scale, shape, trust, robust=robust) for start, scale in priors]
        self.block: int | None = None

    def rates(self, values: list[float]) -> list[float]:
        """Per comparison, how often a week this value is to be expected."""
        return [tail.rate(value) for tail, value in zip(self.tails, values, strict=True)]

    def learn(self, minute: float, values: list[float], budget: float) -> None:
        """Take values in, believed only a little beyond the height of the budget: one storm must not deafen."""
        block = int(minute // BLOCK_MINUTES)
        if block != self.block:
            if self.block is not None:
                for tail in self.tails:
                    tail.close()
            self.block = block
        for tail, value in zip(self.tails, values, strict=True):
            if value > tail.highest:
                tail.highest = min(value, tail.height(budget) + tail.scale)

    def state(self) -> dict[str, Any]:
        return {"block": self.block, "tails": [tail.state() for tail in self.tails]}

    def put(self, state: dict[str, Any]) -> None:
        self.block = state["block"]
        for tail, kept in zip(self.tails, state["tails"], strict=True):
            tail.put(kept)
