"""What a post means as a vector: the sentence encoder where it is installed, hashed n-grams where it is not."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stormdesk.understand.encoder import encoder
from stormdesk.understand.fold import stems

WIDTH = 512
_GRAMS = (4, 5)
_STEM_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """Vectors of length 1, texts × `WIDTH`, and how near (cosine, and words in common added) tells one story.

    `alone` holds for a story of one post, `told` for one of many: its mean is steadier.
    """

    name: str
    vectors: Callable[[Sequence[str]], np.ndarray]
    least: float
    alone: float
    told: float


def _encoded(texts: Sequence[str]) -> np.ndarray:
    model = encoder()
    assert model is not None
    return _unit(model.encode(texts)[:, -WIDTH:])


def _hashed(texts: Sequence[str]) -> np.ndarray:
    """Stems and letter n-grams of stems, hashed with signs (Weinberger et al. 2009)."""
    result = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in enumerate(texts):
        for stem in stems(text).split()[:60]:
            if len(stem) < 3:
                continue
            parts = [(stem, _STEM_WEIGHT)] + [
                (stem[i : i + n], 1.0) for n in _GRAMS for i in range(len(stem) - n + 1)
            ]
            for part, weight in parts:
                code = zlib.crc32(part.encode())
                result[row, code % WIDTH] += weight if code & 0x10000 else -weight
    return _unit(result)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


WITH_ENCODER = Meaning("encoder", _encoded, least=0.42, alone=0.7, told=0.62)
WITHOUT_ENCODER = Meaning("n-grams", _hashed, least=0.28, alone=0.56, told=0.56)


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The encoder if its weights are there and known, else hashed n-grams with stricter limits."""
    return WITH_ENCODER if encoder() is not None else WITHOUT_ENCODER
