"""Fits and calibrates linear heads over the hashed n-grams that reading uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from stormdesk.understand.head import Head
from stormdesk.understand.reading import prepare
from stormdesk.understand.training.sources import Example

SEED = 7
FOLDS = 5


def matrix(texts: Sequence[str], buckets: int, *, spoken: bool = False) -> csr_matrix:
    """Texts × buckets, exactly as a head sums them when it reads; `spoken` for the language head."""
    parts = []
    for start in range(0, len(texts), 2000):
        ready = prepare(texts[start : start + 2000])
        found = ready.spoken if spoken else ready.grams
        rows = found.token_text[found.token]
        columns = (found.hashes & np.uint64(buckets - 1)).astype(np.int64)
        parts.append((rows.astype(np.int64) + start, columns, found.value))
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return csr_matrix((values, (rows, columns)), shape=(len(texts), buckets), dtype=np.float32)


def weights_of(
    features: csr_matrix, labels: np.ndarray, weight: np.ndarray, strength: float, classes: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (buckets × classes, or × 1 for yes and no) and bias, by a linear support vector machine for each class.

    It keeps its ground better than logistic regression when brands and times differ from those trained on, and
    is several times faster (Fan et al. 2008, LIBLINEAR).
    """
    model = LinearSVC(C=strength, random_state=SEED).fit(features, labels, sample_weight=weight)
    if len(classes) == 1:
        return model.coef_.T, model.intercept_
    order = [list(model.classes_).index(name) for name in classes]
    return model.coef_.T[:, order], model.intercept_[order]


def calibrate(head: Head, scores: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> Head:
    """Scale and shift that make out-of-fold scores into probabilities (Platt 1999; vector scaling, Guo et al. 2017)."""
    count = scores.shape[1]

    def fitted(parameters: np.ndarray) -> Head:
        # Softmax does not change when every score is shifted alike, so the first shift of several is fixed.
        shift = parameters[1:] if count == 1 else np.concatenate([[0.0], parameters[1:]])
        return replace(head, scale=np.full(count, np.exp(parameters[0])), shift=shift)

    def loss(parameters: np.ndarray) -> float:
        p = fitted(parameters).calibrated(scores)
        p = np.where(truth == 1, p[:, 0], 1 - p[:, 0]) if count == 1 else p[np.arange(len(truth)), truth]
        return float(-(weight * np.log(np.maximum(p, 1e-9))).sum() / weight.sum())

    return fitted(minimize(loss, np.zeros(max(count, 2)), method="L-BFGS-B").x)


def fit(
    examples: Sequence[Example],
    classes: tuple[str, ...],
    *,
    strength: float = 0.2,
    buckets: int = 1 << 18,
    measure: set[str] | None = None,
    spoken: bool = False,
    evenly: float = 0.0,
) -> tuple[Head, np.ndarray, np.ndarray]:
    """A head of `classes`, calibrated by cross-validation on the sources in `measure` (all when None).

    `evenly` from 0 to 1 lifts rare classes: weights are the class shares to the power of minus `evenly`.
    For a yes-no head `classes` is one name and the labels are “yes” and “no”. Also returns the out-of-fold
    probabilities and which examples they are for (all zero elsewhere).
    """
    features = matrix([e.text for e in examples], buckets, spoken=spoken)
    weight = np.array([e.weight for e in examples])
    binary = len(classes) == 1
    labels = np.array([e.label for e in examples])
    truth = (labels == "yes").astype(int) if binary else np.array([classes.index(x) for x in labels])
    counted = np.array([measure is None or e.source in measure for e in examples])
    shares = {name: (labels == name).mean() for name in set(labels)}
    weight = weight * np.array([shares[name] ** -evenly for name in labels])
    scores = np.zeros((len(examples), len(classes)))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(features, labels):
        coefficients, bias = weights_of(features[train], labels[train], weight[train], strength, classes)
        scores[test] = features[test] @ coefficients + bias
    head = Head.quantised(classes, *weights_of(features, labels, weight, strength, classes))
    head = calibrate(head, scores[counted], truth[counted], weight[counted])
    return head, head.calibrated(scores), counted


def fit_levels(
    examples: Sequence[Example], *, strength: float = 0.2, buckets: int = 1 << 16
) -> tuple[Head, np.ndarray, np.ndarray]:
    """A head of three yes-no outputs, “at least 1”, “at least 2”, “at least 3”, for examples labelled “0” to “3”.

    Source: ordinal classification by binary decomposition (Frank and Hall 2001).
    """
    outputs, out_of_fold = [], []
    for level in ("1", "2", "3"):
        binary = [replace(e, label="yes" if e.label >= level else "no") for e in examples]
        own = {e.source for e in examples if e.source.startswith("own")}
        head, probabilities, counted = fit(binary, ("yes",), strength=strength, buckets=buckets, measure=own)
        outputs.append(head)
        out_of_fold.append(probabilities[:, 0])

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(head, name) for head in outputs], axis=-1)

    head = Head(
        labels=("1", "2", "3"),
        weights=joined("weights"),
        unit=joined("unit"),
        bias=joined("bias"),
        scale=joined("scale"),
        shift=joined("shift"),
        independent=True,
    )
    return head, np.stack(out_of_fold, axis=1), counted
