"""Trains the network over the sentence encoder, in numpy: the same weights on every run of the same versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stormdesk.understand.network import Network
from stormdesk.understand.training.sources import Example

SEED = 7
_HIDDEN = 256
_EPOCHS = 4
_BATCH = 256
_RATE = 1e-3
_DECAY = 0.01
_DROP_INPUT, _DROP_HIDDEN = 0.2, 0.5
_BETAS = (0.9, 0.999)


@dataclass(slots=True)
class _Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019) for one array."""

    value: np.ndarray
    decay: float
    first: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, decay: float = _DECAY) -> _Adam:
        return cls(value, decay, np.zeros_like(value), np.zeros_like(value))

    def step(self, gradient: np.ndarray, rate: float, count: int) -> None:
        self.first += (1 - _BETAS[0]) * (gradient - self.first)
        self.second += (1 - _BETAS[1]) * (gradient * gradient - self.second)
        root = np.sqrt(self.second / (1 - _BETAS[1] ** count)) + 1e-8
        self.value *= 1 - rate * self.decay
        self.value -= (rate / (1 - _BETAS[0] ** count)) * self.first / root


def train(
    vectors: np.ndarray, questions: Mapping[str, Sequence[tuple[int, Example]]], epochs: int = _EPOCHS
) -> Network:
    """A network for all questions at once. Each question lists rows of `vectors` with their examples.

    Rare labels are lifted halfway to equal shares. Dropout: Srivastava et al. 2014; sharing a layer: Caruana 1997.
    """
    random = np.random.default_rng(SEED)
    labels = {name: tuple(sorted({e.label for _, e in rows})) for name, rows in questions.items()}
    rows = np.array([row for listed in questions.values() for row, _ in listed])
    asked = np.repeat(np.arange(len(questions)), [len(listed) for listed in questions.values()])
    truth = np.array([labels[name].index(e.label) for name, listed in questions.items() for _, e in listed])
    weight = np.concatenate([_lifted(listed) for listed in questions.values()]).astype(np.float32)
    used = np.unique(rows)
    mean = vectors[used].astype(np.float32).mean(axis=0)
    deviation = vectors[used].astype(np.float32).std(axis=0) + 1e-3
    width = vectors.shape[1]
    bound = width**-0.5
    weights = _Adam.of(random.uniform(-bound, bound, (width, _HIDDEN)).astype(np.float32))
    bias = _Adam.of(np.zeros(_HIDDEN, dtype=np.float32), 0.0)
    bound = _HIDDEN**-0.5
    tables = [
        _Adam.of(random.uniform(-bound, bound, (_HIDDEN + 1, len(of))).astype(np.float32))
        for of in labels.values()
    ]
    steps, count = epochs * -(-len(rows) // _BATCH), 0
    for _ in range(epochs):
        order = random.permutation(len(rows))
        for start in range(0, len(rows), _BATCH):
            batch = order[start : start + _BATCH]
            count += 1
            rate = _RATE * _one_cycle(count / steps)
            inputs = np.clip((vectors[rows[batch]].astype(np.float32) - mean) / deviation, -5, 5)
            inputs *= (random.random(inputs.shape, dtype=np.float32) > _DROP_INPUT) / np.float32(
                1 - _DROP_INPUT
            )
            hidden = np.maximum(inputs @ weights.value + bias.value, 0)
            kept = (random.random(hidden.shape, dtype=np.float32) > _DROP_HIDDEN) / np.float32(
                1 - _DROP_HIDDEN
            )
            hidden *= kept
            back = np.zeros_like(hidden)
            for question in np.unique(asked[batch]):
                at = np.flatnonzero(asked[batch] == question)
                table = tables[question]
                scores = hidden[at] @ table.value[:-1] + table.value[-1]
                powers = np.exp(scores - scores.max(axis=1, keepdims=True))
                error = powers / powers.sum(axis=1, keepdims=True)
                error[np.arange(len(at)), truth[batch[at]]] -= 1
                error *= (weight[batch[at]] / len(batch))[:, None]
                back[at] = error @ table.value[:-1].T
                table.step(np.vstack([hidden[at].T @ error, error.sum(axis=0)]), rate, count)
            back *= kept * (hidden > 0)
            weights.step(inputs.T @ back, rate, count)
            bias.step(back.sum(axis=0), rate, count)
    outputs = {name: table.value for name, table in zip(questions, tables, strict=True)}
    return Network(mean, deviation, weights.value, bias.value, labels, outputs)


def _lifted(listed: Sequence[tuple[int, Example]]) -> np.ndarray:
    total = sum(e.weight for _, e in listed)
    shares: dict[str, float] = {}
    for _, e in listed:
        shares[e.label] = shares.get(e.label, 0.0) + e.weight / total
    return np.array([e.weight * shares[e.label] ** -0.5 for _, e in listed])


def _one_cycle(done: float) -> float:
    """The learning rate over a run, from 0 up to 1 and down again (Smith 2018)."""
    return done / 0.3 if done < 0.3 else (1 + np.cos(np.pi * (done - 0.3) / 0.7)) / 2
