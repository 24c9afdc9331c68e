"""Fits and calibrates linear heads over the hashed n-grams that reading uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from stormdesk.understand.head import Head
from stormdesk.understand.reading import prepare
from stormdesk.understand.training.recipes import Recipe
from stormdesk.understand.training.sources import Example

SEED = 7


def matrix(examples: Sequence[Example], buckets: int, *, spoken: bool = False) -> csr_matrix:
    """Texts × buckets, exactly as a head sums them when it reads; `spoken` for the language head."""
    parts = []
    for start in range(0, len(examples), 2000):
        batch = examples[start : start + 2000]
        ready = prepare([e.text for e in batch], [e.brand for e in batch])
        found = ready.spoken if spoken else ready.grams
        rows = found.token_text[found.token]
        columns = (found.hashes & np.uint64(buckets - 1)).astype(np.int64)
        parts.append((rows.astype(np.int64) + start, columns, found.value))
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return csr_matrix((values, (rows, columns)), shape=(len(examples), buckets), dtype=np.float32)


def truth_of(examples: Sequence[Example], classes: tuple[str, ...]) -> np.ndarray:
    """The number of each label among the classes; for a yes-no head 1 for “yes”."""
    return np.array(
        [int(e.label == "yes") if len(classes) == 1 else classes.index(e.label) for e in examples]
    )


def weight_of(examples: Sequence[Example], evenly: float) -> np.ndarray:
    """Weights of the examples, rare classes lifted: times the class shares to the power of minus `evenly`."""
    labels = np.array([e.label for e in examples])
    shares = {name: (labels == name).mean() for name in set(labels)}
    return np.array([e.weight * shares[e.label] ** -evenly for e in examples])


def weights_of(
    features: csr_matrix, labels: np.ndarray, weight: np.ndarray, strength: float, classes: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (buckets × classes, or × 1 for yes and no) and bias, by a linear support vector machine for each class.

    It keeps its ground better than logistic regression when brands and times differ from those trained on, and
    is several times faster (Fan et al. 2008, LIBLINEAR).
    """
    model = LinearSVC(C=strength, tol=1e-2, random_state=SEED).fit(features, labels, sample_weight=weight)
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
        return _surprise(fitted(parameters).calibrated(scores), truth, weight)

    return fitted(minimize(loss, np.zeros(max(count, 2)), method="L-BFGS-B").x)


def fit(
    examples: Sequence[Example],
    classes: tuple[str, ...],
    folds: np.ndarray,
    recipe: Recipe,
    *,
    spoken: bool = False,
) -> tuple[Head, np.ndarray]:
    """A head of `classes`, not yet calibrated, and the scores that heads of the other folds give each example.

    For a yes-no head `classes` is one name and the labels are “yes” and “no”.
    """
    features = matrix(examples, recipe.buckets, spoken=spoken)
    weight = weight_of(examples, recipe.evenly)
    labels = np.array([e.label for e in examples])
    scores = np.zeros((len(examples), len(classes)))
    for fold in np.unique(folds):
        train, test = folds != fold, folds == fold
        coefficients, bias = weights_of(
            features[train], labels[train], weight[train], recipe.strength, classes
        )
        scores[test] = features[test] @ coefficients + bias
    return Head.quantised(classes, *weights_of(features, labels, weight, recipe.strength, classes)), scores


def blend(
    head: Head,
    asks: tuple[str, ...],
    scores: np.ndarray,
    answers: np.ndarray,
    truth: np.ndarray,
    weight: np.ndarray,
) -> Head:
    """The head with the shares of its own scores and of the network's answers that predict best out of fold.

    Source: stacking (Wolpert 1992), with one non-negative share for each, so that few numbers are fitted.
    """
    parts, count = 1 + len(answers), scores.shape[1]

    def fitted(parameters: np.ndarray) -> Head:
        shift = parameters[parts:] if count == 1 else np.concatenate([[0.0], parameters[parts + 1 :]])
        return replace(head, asks=asks, shares=np.abs(parameters[:parts]), full_shift=shift)

    def loss(parameters: np.ndarray) -> float:
        return _surprise(fitted(parameters).blended(scores, answers), truth, weight)

    start = np.concatenate([np.full(parts, 1.0 / parts), np.zeros(count)])
    return fitted(minimize(loss, start, method="L-BFGS-B").x)


def _surprise(p: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    """Mean log loss."""
    p = np.where(truth == 1, p[:, 0], 1 - p[:, 0]) if p.shape[1] == 1 else p[np.arange(len(truth)), truth]
    return float(-(weight * np.log(np.maximum(p, 1e-9))).sum() / weight.sum())
