"""A linear head over hashed n-grams: int8 weights in an .npz file, read by numpy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from stormdesk.understand.hashing import Grams

MODELS = Path(__file__).with_name("models")


@dataclass(frozen=True, slots=True)
class Scored:
    """`probabilities` and raw `scores` (texts × labels), and each token's part in the scores (tokens × labels)."""

    probabilities: np.ndarray
    scores: np.ndarray
    by_token: np.ndarray


@dataclass(frozen=True, slots=True)
class Head:
    """Labels, weights (buckets × labels), bias, and the calibration that turns scores into probabilities.

    Calibrated score = score · `scale` + `shift` (per label); then softmax, or the logistic function when there is one label.
    """

    labels: tuple[str, ...]
    weights: np.ndarray
    unit: np.ndarray
    bias: np.ndarray
    scale: np.ndarray
    shift: np.ndarray
    asks: tuple[str, ...] = ()
    """The questions whose answers by the network join this head's scores on the full path."""
    shares: np.ndarray = field(default_factory=lambda: np.ones(1))
    """What this head's scores and each answer weigh there."""
    full_shift: np.ndarray = field(default_factory=lambda: np.zeros(1))

    def score(self, grams: Grams) -> Scored:
        """Scores and probabilities for every text of the batch, and each token's part; empty texts get the head's prior."""
        by_token = self._sums(grams, grams.token, len(grams.token_text))
        columns = [np.bincount(grams.token_text, column, minlength=grams.texts) for column in by_token.T]
        scores = np.stack(columns, axis=1) + self.bias
        return Scored(self.calibrated(scores), scores, by_token)

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
        return self._chances(scores * self.scale + self.shift)

    def blended(self, scores: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Probabilities of raw scores joined with the network's answers (questions × texts × labels)."""
        joined = scores * self.shares[0] + np.tensordot(self.shares[1:], answers, axes=1)
        return self._chances(joined + self.full_shift)

    @staticmethod
    def _chances(scores: np.ndarray) -> np.ndarray:
        if scores.shape[1] == 1:
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
            asks=np.frombuffer(json.dumps(self.asks).encode(), dtype=np.uint8),
            shares=self.shares.astype(np.float32),
            full_shift=self.full_shift.astype(np.float32),
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
                asks=tuple(json.loads(stored["asks"].tobytes())),
                shares=stored["shares"].astype(np.float64),
                full_shift=stored["full_shift"].astype(np.float64),
            )

    @classmethod
    def quantised(cls, labels: tuple[str, ...], weights: np.ndarray, bias: np.ndarray) -> Head:
        """A head of float weights (buckets × labels) rounded to int8 by column; not yet calibrated."""
        unit = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
        count = len(labels)
        return cls(
            labels, np.rint(weights / unit).astype(np.float32), unit, bias, np.ones(count), np.zeros(count)
        )


@dataclass(frozen=True, slots=True)
class OwnHead:
    """What a brand's people taught: trust in the general head, shift of each label, weights of n-grams and of the network.

    `hidden` is empty for the light path.
    """

    trust: float
    shift: np.ndarray
    weights: np.ndarray
    hidden: np.ndarray

    def score(self, grams: Grams, hidden: np.ndarray | None, general: np.ndarray) -> Scored:
        """Like a head's, from the probabilities the general head gives."""
        buckets = (grams.hashes & np.uint64(len(self.weights) - 1)).astype(np.int64)
        parts = self.weights[buckets] * grams.value[:, None]
        by_token = np.stack(
            [np.bincount(grams.token, column, minlength=len(grams.token_text)) for column in parts.T], axis=1
        )
        scores = self.trust * np.log(np.maximum(general, 1e-6)) + self.shift
        scores += np.stack(
            [np.bincount(grams.token_text, column, minlength=grams.texts) for column in by_token.T], axis=1
        )
        if hidden is not None and len(self.hidden):
            scores += hidden / (np.linalg.norm(hidden, axis=1, keepdims=True) + 1e-6) @ self.hidden
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return Scored(powers / powers.sum(axis=1, keepdims=True), scores, by_token)


@cache
def shipped(name: str) -> Head:
    """A head shipped with the product, by name."""
    return Head.read(MODELS / f"{name}.npz")
