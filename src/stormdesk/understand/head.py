"""A linear head over hashed n-grams: int8 weights in an .npz file, read by numpy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from stormdesk.understand.hashing import Grams

MODELS = Path(__file__).with_name("models")


@dataclass(frozen=True, slots=True)
class Scored:
    """`probabilities` (texts × labels) and each token's part in the scores (tokens × labels)."""

    probabilities: np.ndarray
    by_token: np.ndarray


@dataclass(frozen=True, slots=True)
class Head:
    """Labels, weights (buckets × labels), bias, and the calibration that turns scores into probabilities.

    Calibrated score = score · `scale` + `shift` (per label); then softmax, or the logistic function when labels are `independent` or one.
    """

    labels: tuple[str, ...]
    weights: np.ndarray
    unit: np.ndarray
    bias: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    independent: bool = False
    """Whether each label is a yes-no question of its own."""

    def score(self, grams: Grams) -> Scored:
        """Probabilities for every text of the batch, and each token's part in them; empty texts get the head's prior."""
        by_token = self._sums(grams, grams.token, len(grams.token_text))
        columns = [np.bincount(grams.token_text, column, minlength=grams.texts) for column in by_token.T]
        return Scored(self.calibrated(np.stack(columns, axis=1) + self.bias), by_token)

    def probabilities(self, grams: Grams) -> np.ndarray:
        """Probabilities alone, for half the work."""
        return self.calibrated(self._sums(grams, grams.token_text[grams.token], grams.texts) + self.bias)

    def _sums(self, grams: Grams, owner: np.ndarray, owners: int) -> np.ndarray:
        """Weights of the grams summed by what owns them, owners × labels."""
        buckets = (grams.hashes & np.uint64(len(self.weights) - 1)).astype(np.int64)
        parts = self.weights[buckets]
        parts *= grams.value[:, None]
        columns = [np.bincount(owner, column, minlength=owners) for column in parts.T]
        return np.stack(columns, axis=1) * self.unit

    def calibrated(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities of raw scores."""
        scores = scores * self.scale + self.shift
        if self.independent or scores.shape[1] == 1:
            return 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            labels=np.frombuffer(json.dumps(self.labels).encode(), dtype=np.uint8),
            weights=self.weights.astype(np.int8),
            unit=self.unit.astype(np.float32),
            bias=self.bias.astype(np.float32),
            scale=self.scale.astype(np.float32),
            shift=self.shift.astype(np.float32),
            independent=np.array(self.independent),
        )

    @classmethod
    def read(cls, path: Path) -> Head:
        with np.load(path, allow_pickle=False) as stored:
            return cls(
                labels=tuple(json.loads(stored["labels"].tobytes())),
                weights=stored["weights"].astype(np.float32),
                unit=stored["unit"].astype(np.float64),
                bias=stored["bias"].astype(np.float64),
                scale=stored["scale"].astype(np.float64),
                shift=stored["shift"].astype(np.float64),
                independent=bool(stored["independent"]),
            )

    @classmethod
    def quantised(cls, labels: tuple[str, ...], weights: np.ndarray, bias: np.ndarray) -> Head:
        """A head of float weights (buckets × labels) rounded to int8 by column; not yet calibrated."""
        unit = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
        count = len(labels)
        return cls(
            labels, np.rint(weights / unit).astype(np.float32), unit, bias, np.ones(count), np.zeros(count)
        )


@cache
def shipped(name: str) -> Head:
    """A head shipped with the product, by name."""
    return Head.read(MODELS / f"{name}.npz")
