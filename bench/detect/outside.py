"""Detectors of other projects under our checker, as far as they are installed; bench only.

River's half-space trees and its Gaussian scorer see the last hour and the step, scaled by what came before. Their
scores are used as they are: one threshold for all series, as for everybody.
"""

from __future__ import annotations

import importlib.util
import math
from typing import Any

from stormdesk.detect.detectors import Bucket, Score, Streaming


class HalfSpaceTrees(Streaming):
    """River's HalfSpaceTrees (Tan, Ting and Liu 2011), 25 trees of height 8, a window of a day."""

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        from river import anomaly, compose, preprocessing

        day = max(24, round(1440 / step_minutes))
        self.model: Any = compose.Pipeline(
            preprocessing.MinMaxScaler(),
            anomaly.HalfSpaceTrees(n_trees=25, height=8, window_size=day, seed=1),
        )
        self.hour: list[int] = []

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        self.hour = [*self.hour[-11:], bucket.mentions or 0]
        seen = {"step": math.log1p(self.hour[-1]), "hour": math.log1p(sum(self.hour))}
        value = float(self.model.score_one(seen))
        self.model.learn_one(seen)
        return Score(bucket.at, None, None, min(1.0, max(0.0, value)))


class RiverGaussian(Streaming):
    """River's GaussianScorer over the logs of the last hours."""

    def __init__(self, step_minutes: float = 5, budget: float = 0.25) -> None:
        super().__init__(step_minutes, budget)
        from river import anomaly

        self.model: Any = anomaly.GaussianScorer(window_size=round(7 * 1440 / step_minutes), grace_period=288)
        self.hour: list[int] = []

    def judge(self, bucket: Bucket, minute: float, steps: int) -> Score:
        self.hour = [*self.hour[-11:], bucket.mentions or 0]
        louder = math.log1p(sum(self.hour))
        value = float(self.model.score_one(None, louder))
        self.model.learn_one(None, louder)
        # its score is the distance of a two-sided distribution function from a half
        return Score(bucket.at, None, None, 1 / (1 + 4032 * max(0.0, 1 - value)))


OUTSIDE: dict[str, type[Streaming]] = (
    {"river_half_space_trees": HalfSpaceTrees, "river_gaussian": RiverGaussian}
    if importlib.util.find_spec("river")
    else {}
)
