"""How rare is this for this brand: a threshold that is a budget of false alarms.

The largest value of each block of three hours is kept for two weeks. Above their upper quintile the excess is taken
as generalised Pareto (peaks over threshold: Pickands 1975; Davison and Smith 1990), its scale drawn towards a prior
as long as there are few, its shape fixed. So each value has an expected number of blocks per week that reach it.
"""

from __future__ import annotations

from stormdesk.detect.detectors.base import Part

BLOCK_MINUTES = 180
BLOCKS = 112
SHARE = 0.2
PER_WEEK = 7 * 1440 / BLOCK_MINUTES


class Tail(Part):
    """The upper tail of one statistic of one brand.

    start: the quintile assumed before anything is known; scale: the mean excess assumed; shape: of the generalised
    Pareto (0.1: a little heavier than exponential); trust: how many observed excesses the prior is worth.
    """

    memory = ("block", "highest", "blocks", "threshold", "scale")

    def __init__(
        self, start: float, scale: float, shape: float = 0.1, trust: float = 12, pseudo: int = 16
    ) -> None:
        self.start, self.prior, self.shape, self.trust, self.pseudo = start, scale, shape, trust, pseudo
        self.block: int | None = None
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

    def learn(self, minute: float, value: float, budget: float) -> None:
        """Take in a value, believed only a little beyond the height of the budget: one storm must not deafen."""
        block = int(minute // BLOCK_MINUTES)
        if block != self.block:
            if self.block is not None:
                self._close()
            self.block, self.highest = block, 0.0
        if value > self.highest:
            self.highest = min(value, self.height(budget) + self.scale)

    def _close(self) -> None:
        self.blocks.append(self.highest)
        if len(self.blocks) > BLOCKS:
            del self.blocks[0]
        missing = max(0, self.pseudo - len(self.blocks))
        ordered = sorted(self.blocks)
        own = ordered[min(len(ordered) - 1, int(len(ordered) * (1 - SHARE)))]
        self.threshold = (own * len(ordered) + self.start * missing) / (len(ordered) + missing)
        excess = [value - self.threshold for value in ordered if value > self.threshold]
        self.scale = (sum(excess) + self.prior * self.trust) / (len(excess) + self.trust)
