"""Early warning without Django: buckets in, scores out. One detector per file, all under one checker."""

from __future__ import annotations

from stormdesk.detect.detectors.base import Bucket, OutOfOrder, Score, Streaming
from stormdesk.detect.detectors.combined import Detector
from stormdesk.detect.detectors.sentence import sentence

__all__ = ["Bucket", "Detector", "OutOfOrder", "Score", "Streaming", "sentence"]
