"""Figures for model cards and the bench, from probabilities and truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.metrics import f1_score, recall_score

from stormdesk.understand.head import Head
from stormdesk.understand.training.sources import Example


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: mean gap between stated confidence and share right, over equal-width bins."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[index == i].mean() - right[index == i].mean()) * (index == i).mean()
        for i in range(bins)
        if (index == i).any()
    ]
    return float(sum(gaps))


def macro_f1(truth: Iterable[object], said: Iterable[object]) -> float:
    return float(f1_score(list(map(str, truth)), list(map(str, said)), average="macro"))


def macro_recall(truth: Iterable[object], said: Iterable[object]) -> float:
    return float(recall_score(list(map(str, truth)), list(map(str, said)), average="macro"))


def summary(head: Head, examples: Sequence[Example], probabilities: np.ndarray, counted: np.ndarray) -> str:
    """Cross-validated figures of one head by source, as lines of text."""
    lines = []
    source = np.array([e.source for e in examples])
    labels = np.array([e.label for e in examples])
    for name in sorted(set(source[counted])):
        rows = counted & (source == name)
        if len(head.labels) == 1:
            said = np.where(probabilities[rows, 0] >= 0.5, "yes", "no")
            error = calibration_error(probabilities[rows, 0], (labels[rows] == "yes").astype(float))
            f1 = f1_score(labels[rows], said, pos_label="yes", zero_division=0)
            lines.append(
                f"  {name}: n={rows.sum()} F1 {f1:.3f} macro-F1 {macro_f1(labels[rows], said):.3f} ECE {error:.3f}"
            )
        elif head.labels == ("1", "2", "3"):
            said = np.cumprod(probabilities[rows] >= 0.5, axis=1).sum(axis=1)
            truth = labels[rows].astype(int)
            near = (np.abs(said - truth) <= 1).mean()
            lines.append(
                f"  {name}: n={rows.sum()} exact {(said == truth).mean():.3f} within one {near:.3f} macro-F1 {macro_f1(truth, said):.3f}"
            )
        else:
            best = probabilities[rows].argmax(axis=1)
            said = np.array(head.labels)[best]
            error = calibration_error(probabilities[rows].max(axis=1), (said == labels[rows]).astype(float))
            lines.append(
                f"  {name}: n={rows.sum()} accuracy {(said == labels[rows]).mean():.3f} macro-F1 {macro_f1(labels[rows], said):.3f} "
                f"macro-recall {macro_recall(labels[rows], said):.3f} ECE {error:.3f}"
            )
    return "\n".join(lines) + "\n"
