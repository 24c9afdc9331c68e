"""Early warning without Django: buckets in, scores out. One detector per file, all under one checker."""

from __future__ import annotations

from stormdesk.detect.detectors.base import Bucket, OutOfOrder, Score, Streaming
from stormdesk.detect.detectors.combined import Detector
from stormdesk.detect.detectors.cusum import Cusum
from stormdesk.detect.detectors.ears import EarsC1, EarsC2, EarsC3
from stormdesk.detect.detectors.ewma import Ewma
from stormdesk.detect.detectors.gaussian import Gaussian
from stormdesk.detect.detectors.sentence import sentence
from stormdesk.detect.detectors.static_ratio import StaticRatio

ALL: dict[str, type[Streaming]] = {
    "stormdesk": Detector,
    "static_ratio": StaticRatio,
    "gaussian": Gaussian,
    "ewma": Ewma,
    "cusum": Cusum,
    "ears_c1": EarsC1,
    "ears_c2": EarsC2,
    "ears_c3": EarsC3,
}
"""Ours and the baselines of the field, by the name that tables use."""

__all__ = ["ALL", "Bucket", "Detector", "OutOfOrder", "Score", "Streaming", "sentence"]
