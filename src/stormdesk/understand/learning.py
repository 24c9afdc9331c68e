"""Learns from people: a brand's own head from the labels they gave, used only where it is measurably better."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zipfile import BadZipFile

import numpy as np

from stormdesk.understand.encoder import encoder
from stormdesk.understand.hashing import Grams
from stormdesk.understand.head import OwnHead
from stormdesk.understand.reading import SENTIMENTS, Path, general
from stormdesk.understand.text import Text

LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": SENTIMENTS,
    "complaint": ("no", "yes"),
    "needs_reply": ("no", "yes"),
}
"""The fields people can correct, and their labels."""
LEAST = 20
"""Labels below which nothing is learnt."""
MOST = 2_000
"""Labels that are learnt from: the latest; with more the time grows with the square."""
_LEAST_OF_A_KIND = 3
_BUCKETS = 1 << 15
_FOLDS = 10
_STIFFNESS = 2.0
"""How strongly a brand's head is held to the general one. Chosen on two airlines, never on a brand's own labels: its test is honest."""
_VECTOR_SHARE = 2.0
"""What the encoder's view weighs beside the n-grams."""
_ROUNDS = 300
_SIGNIFICANT = 0.1
"""A head no better is used in one trial of ten at most; being held to the general one, it then does little harm."""
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said of a post: `value` is one of `LABELS[field]`. Confirmed readings count as much as corrected ones."""

    text: Text
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One comparison of a brand's head with the general one, on `labels` posts, each read by a head that had not seen it.

    `general` and `own` are shares read right; `chance` is the probability that a head no better would do as well (one-sided
    paired test of the log losses); `better` says whether the own head is used.
    """

    at: str
    field: str
    path: str
    labels: int
    general: float
    own: float
    chance: float
    better: bool


@dataclass(frozen=True, slots=True)
class BrandHeads:
    """What a brand has learnt: heads by field and path that proved better, and the history of all trials, oldest first."""

    heads: Mapping[tuple[str, str], OwnHead] = field(default_factory=dict)
    history: tuple[Trial, ...] = ()

    def dump(self) -> bytes:
        """As bytes for `load`: numpy arrays and JSON, nothing executable."""
        arrays: dict[str, Any] = {}
        for number, own in enumerate(self.heads.values()):
            arrays[f"weights {number}"], arrays[f"unit {number}"] = _rounded(own.weights)
            arrays[f"hidden {number}"] = own.hidden.astype(np.float16)
            arrays[f"base {number}"] = np.concatenate([[own.trust], own.shift]).astype(np.float32)
        about = {
            "format": _FORMAT,
            "heads": list(self.heads),
            "history": [asdict(trial) for trial in self.history],
        }
        out = io.BytesIO()
        np.savez_compressed(out, about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8), **arrays)
        return out.getvalue()

    @classmethod
    def load(cls, data: bytes) -> BrandHeads:
        """Heads as `dump` wrote them. ValueError when the bytes are not such."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                about = json.loads(stored["about"].tobytes())
                if about["format"] != _FORMAT:
                    raise ValueError
                heads = {}
                for number, (name, path) in enumerate(about["heads"]):
                    base = stored[f"base {number}"].astype(np.float64)
                    weights = stored[f"weights {number}"].astype(np.float32) * stored[f"unit {number}"]
                    hidden = stored[f"hidden {number}"].astype(np.float32)
                    if weights.shape[1:] != (len(LABELS[name]),) or len(base) != len(LABELS[name]) + 1:
                        raise ValueError
                    heads[name, path] = OwnHead(float(base[0]), base[1:], weights, hidden)
                return cls(heads, tuple(Trial(**trial) for trial in about["history"]))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, BadZipFile) as error:
            raise ValueError("not the saved heads of a brand of this version") from error


def learn(
    labels: Sequence[Label],
    at: datetime,
    earlier: BrandHeads | None = None,
    paths: Sequence[Path] = ("light", "full"),
) -> BrandHeads:
    """A brand's heads from all labels people gave its posts (oldest first), and one more entry in its history.

    Labels should be of posts people looked at, right readings confirmed as well as wrong ones corrected: from
    corrections alone a head learns only what was misread. Takes seconds for hundreds of labels; fields with fewer than
    20 labels or fewer than 3 of every label are left to the general head. Raises ValueError for a label that is none.
    """
    heads: dict[tuple[str, str], OwnHead] = {}
    history = list(earlier.history if earlier else ())
    for name, values in LABELS.items():
        said = {label.text.id: label for label in labels if label.field == name}
        chosen = list(said.values())[-MOST:]
        for label in chosen:
            if label.value not in values:
                raise ValueError(f"“{label.value}” is no label of {name}: give one of {', '.join(values)}")
        truth = np.array([values.index(label.value) for label in chosen], dtype=np.int64)
        counts = np.bincount(truth, minlength=len(values)) if len(truth) else np.zeros(1, dtype=np.int64)
        if len(chosen) < LEAST or (counts >= _LEAST_OF_A_KIND).sum() < 2:
            continue
        for path in paths:
            if path == "full" and encoder() is None:
                continue
            own, trial = _tried(name, path, [label.text for label in chosen], truth, at)
            history.append(trial)
            if trial.better:
                heads[name, path] = own
    return BrandHeads(heads, tuple(history))


def _tried(
    name: str, path: Path, texts: Sequence[Text], truth: np.ndarray, at: datetime
) -> tuple[OwnHead, Trial]:
    judge, said = general(name, texts, path)
    base = np.log(np.maximum(said, 1e-6))
    values, hashed = _features(judge.ready.grams)
    views = np.zeros((len(texts), 0)) if judge.hidden is None else _unit(judge.hidden)
    alike = values @ values.T + _VECTOR_SHARE * (views @ views.T)
    order = np.random.default_rng(_FORMAT).permutation(len(texts))
    scores = np.zeros_like(base)
    # Rare labels count more, as they do for the general heads.
    lift = (np.bincount(truth, minlength=base.shape[1])[truth] / len(truth)) ** -0.5
    lift /= lift.mean()
    for fold in range(_FOLDS):
        test = order[fold::_FOLDS]
        train = np.setdiff1d(order, test)
        trust, shift, weights = _solved(base[train], alike[np.ix_(train, train)], truth[train], lift[train])
        scores[test] = trust * base[test] + shift + alike[np.ix_(test, train)] @ weights
    gain = _log_loss(base, truth) - _log_loss(scores, truth)
    chance = _chance(gain)
    right = [float((each.argmax(axis=1) == truth).mean()) for each in (base, scores)]
    trial = Trial(
        at=at.isoformat(),
        field=name,
        path=path,
        labels=len(texts),
        general=round(right[0], 4),
        own=round(right[1], 4),
        chance=round(chance, 4),
        better=chance < _SIGNIFICANT and right[1] > right[0],
    )
    trust, shift, weights = _solved(base, alike, truth, lift)
    table = np.zeros((_BUCKETS, base.shape[1]), dtype=np.float32)
    table[hashed] = values.T @ weights
    return OwnHead(trust, shift, table, (_VECTOR_SHARE * views.T @ weights).astype(np.float32)), trial


def _features(found: Grams) -> tuple[np.ndarray, np.ndarray]:
    """Texts × the buckets that occur, and those buckets."""
    buckets = (found.hashes & np.uint64(_BUCKETS - 1)).astype(np.int64)
    used, place = np.unique(buckets, return_inverse=True)
    table = np.zeros((found.texts, len(used)), dtype=np.float32)
    np.add.at(table, (found.token_text[found.token], place), found.value)
    return table, used


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)


def _solved(
    base: np.ndarray, alike: np.ndarray, truth: np.ndarray, lift: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Trust in the general head, shift of each label, and one weight for each post and label.

    Penalised logistic regression in the space of the posts (kernel form; Zhu and Hastie 2005), by accelerated gradients
    (Nesterov 1983). The general head is where it starts and what it is held to.
    """
    count, labels = base.shape
    wanted = np.eye(labels)[truth]
    step = 1 / (0.5 * lift.max() * np.linalg.norm(alike, ord=2) + _STIFFNESS)
    weights = np.zeros((count, labels))
    look, before = weights, weights
    shift, trust = np.zeros(labels), 1.0
    for turn in range(_ROUNDS):
        error = lift[:, None] * (_softmax(trust * base + shift + alike @ look) - wanted)
        weights = look - step * (error + _STIFFNESS * look)
        look = weights + turn / (turn + 3) * (weights - before)
        before = weights
        shift -= 0.5 * (error.sum(axis=0) + _STIFFNESS * shift) / (0.5 * count + _STIFFNESS)
        slope = float((error * base).sum() + count * 0.02 * (trust - 1))
        trust = max(0.0, trust - 0.5 * slope / float(0.5 * (base * base).sum() + 1))
    return trust, shift, weights


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return result


def _log_loss(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Of each post, the surprise in nats."""
    result: np.ndarray = -np.log(np.maximum(_softmax(scores)[np.arange(len(truth)), truth], 1e-9))
    return result


def _chance(gain: np.ndarray) -> float:
    """One-sided probability of a mean gain this high when there is none, by flipping signs (Fisher 1935)."""
    flips = np.random.default_rng(_FORMAT).choice(np.array([-1.0, 1.0]), size=(2000, len(gain)))
    return float(((flips @ gain >= gain.sum()).sum() + 1) / 2001)


def _rounded(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unit = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    return np.rint(weights / unit).astype(np.int8), unit.astype(np.float32)


__all__ = ["LABELS", "LEAST", "MOST", "BrandHeads", "Label", "Trial", "learn"]
