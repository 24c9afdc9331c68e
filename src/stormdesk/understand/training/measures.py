"""Figures for model cards and the bench, from probabilities and truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import f1_score, recall_score

if TYPE_CHECKING:
    from stormdesk.understand.training.crossing import Crossed


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


def signs_f1(truth: np.ndarray, said: np.ndarray) -> float:
    """The mean of the F1 of positive and of negative, as SentiRuEval counts."""
    return float(f1_score(truth, said, labels=["negative", "positive"], average="macro"))


def summary(found: Crossed) -> str:
    """Cross-validated figures of one head by source and path, as lines of text."""
    lines = []
    source = np.array([e.source for e in found.examples])
    truth = np.array([e.label for e in found.examples])
    labels = np.array(found.head.labels)
    for name in sorted(set(source[found.counted])):
        rows = found.counted & (source == name)
        for path, p in (("light", found.light), ("full", found.full)):
            if p is None:
                continue
            if len(labels) == 1:
                said = np.where(p[rows, 0] >= 0.5, "yes", "no")
                f1 = f1_score(truth[rows], said, pos_label="yes", zero_division=0)
                error = calibration_error(p[rows, 0], (truth[rows] == "yes").astype(float))
                figures = f"F1 {f1:.3f} macro-F1 {macro_f1(truth[rows], said):.3f} ECE {error:.3f}"
            else:
                said = labels[p[rows].argmax(axis=1)]
                error = calibration_error(p[rows].max(axis=1), (said == truth[rows]).astype(float))
                figures = (
                    f"accuracy {(said == truth[rows]).mean():.3f} macro-F1 {macro_f1(truth[rows], said):.3f} "
                    f"macro-recall {macro_recall(truth[rows], said):.3f} "
                    f"signs F1 {signs_f1(truth[rows], said):.3f} ECE {error:.3f}"
                )
            lines.append(f"  {name}, {path}: n={rows.sum()} {figures}")
    return "\n".join(lines) + "\n"


def urgency(levels: Mapping[str, Crossed], path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source, true and predicted level of the own posts, out of fold."""
    first = levels["1"]
    own = first.counted
    chances = [getattr(levels[level], path)[own, 0] for level in ("1", "2", "3")]
    said = np.cumprod(np.stack(chances, axis=1) >= 0.5, axis=1).sum(axis=1)
    truth = sum((np.array([e.label for e in levels[k].examples])[own] == "yes").astype(int) for k in levels)
    return np.array([e.source for e in first.examples])[own], np.asarray(truth), said


def urgency_summary(levels: Mapping[str, Crossed]) -> str:
    lines = []
    for path in ("light", "full") if levels["1"].full is not None else ("light",):
        source, truth, said = urgency(levels, path)
        for name in sorted(set(source)):
            at = source == name
            near = (np.abs(said - truth) <= 1)[at].mean()
            lines.append(
                f"  urgency {name}, {path}: n={at.sum()} exact {(said == truth)[at].mean():.3f} "
                f"within one {near:.3f} macro-F1 {macro_f1(truth[at], said[at]):.3f}"
            )
    return "\n".join(lines) + "\n"
