"""A small network over the sentence encoder's numbers: one hidden layer shared by all questions, int8, numpy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from stormdesk.understand.head import MODELS

_FARTHEST = 5.0
"""Inputs farther from the mean than this many deviations count as this far: no single number decides."""


@dataclass(frozen=True, slots=True)
class Network:
    """`labels` of each question; `outputs` are hidden × labels with the bias as last row."""

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    labels: dict[str, tuple[str, ...]]
    outputs: dict[str, np.ndarray]

    def hidden(self, vectors: np.ndarray) -> np.ndarray:
        """Texts × hidden, from the encoder's texts × `WIDTH`."""
        inputs = np.clip((vectors - self.mean) / self.deviation, -_FARTHEST, _FARTHEST)
        return np.maximum(inputs @ self.weights + self.bias, 0)

    def answers(self, hidden: np.ndarray, question: str, labels: tuple[str, ...]) -> np.ndarray:
        """Scores for one question, texts × `labels` in that order; for a yes-no head one column, yes over no."""
        table, own = self.outputs[question], self.labels[question]
        found = hidden @ table[:-1] + table[-1]
        if len(labels) == 1:
            return found[:, [own.index("yes")]] - found[:, [own.index("no")]]
        return found[:, [own.index(label) for label in labels]]

    def save(self, path: Path) -> None:
        """Hidden weights rounded to int8 by column, the rest to half precision."""
        unit = np.maximum(np.abs(self.weights).max(axis=0), 1e-9) / 127
        outputs: dict[str, Any] = {
            f"output {name}": table.astype(np.float16) for name, table in self.outputs.items()
        }
        np.savez_compressed(
            path,
            mean=self.mean.astype(np.float16),
            deviation=self.deviation.astype(np.float16),
            weights=np.rint(self.weights / unit).astype(np.int8),
            unit=unit.astype(np.float32),
            bias=self.bias.astype(np.float32),
            labels=np.frombuffer(json.dumps(self.labels).encode(), dtype=np.uint8),
            **outputs,
        )

    @classmethod
    def read(cls, path: Path) -> Network:
        with np.load(path, allow_pickle=False) as stored:
            labels = json.loads(stored["labels"].tobytes())
            return cls(
                mean=stored["mean"].astype(np.float32),
                deviation=stored["deviation"].astype(np.float32),
                weights=stored["weights"].astype(np.float32) * stored["unit"],
                bias=stored["bias"],
                labels={name: tuple(of) for name, of in labels.items()},
                outputs={name: stored[f"output {name}"].astype(np.float32) for name in labels},
            )


@cache
def shipped_network() -> Network:
    """The network shipped with the product."""
    return Network.read(MODELS / "network.npz")
