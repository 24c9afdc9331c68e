"""Hashed word and character n-grams of many texts at once, in numpy alone.

Every text becomes tokens separated by spaces; a batch is one array of code points. Hashes of all windows are
differences of one running polynomial sum, so the cost is a few array operations a batch, whatever the texts are.
Source of the idea: Weinberger et al. 2009 (feature hashing), Karp–Rabin 1987 (rolling hashes).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stormdesk.understand.cues import Mark
from stormdesk.understand.fold import fold

BRAND = "xbrand"
STAND_INS = frozenset({"xuser", "xurl", BRAND, "rt"})
"""Tokens that stand for a mention, a link or the brand, and the sign of a repost: no word of any language."""
TEXT_LIMIT = 5_000
"""Characters of a post that are read; what decides stands early."""
_TOKENS_LIMIT = 1_000
_WORD_CHARS = 24
"""Longer words are cut: nobody's word, and the cost of a batch stays bounded."""
_CHAR_GRAMS = (3, 4, 5)
MARK_VALUE = 0.5
"""A cue weighs as much as a word in a post of four words."""

_URL = re.compile(r"https?://\S*|www\.\S+")
_MENTION = re.compile(r"@\w+")
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[^\w\s]{1,3}|_")

_BASE = np.uint64(0x100000001B3 | 1)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ROLE_SEEDS = np.array([0, 0x6F74686572, 0x696E7374], dtype=np.uint64) * _MIX
_ELSEWHERE = 0.3
"""What words that are not about the brand weigh for it, beside what they say as words about others."""
_WORD_SEED, _PAIR_SEED = np.uint64(0x51), np.uint64(0xA7)
_SPACE = 32


def tokens(text: str) -> list[str]:
    """Folded words, marks and stand-ins for links (`xurl`), mentions (`xuser`) and numbers (`0`, by length)."""
    folded = fold(text[:TEXT_LIMIT])
    folded = _MENTION.sub(" xuser ", _URL.sub(" xurl ", folded))
    folded = _REPEATED.sub(r"\1\1\1", folded)
    folded = _NUMBER.sub(lambda found: "0" * min(len(found.group()), 6), folded)
    return [token[:_WORD_CHARS] for token in _TOKEN.findall(folded)[:_TOKENS_LIMIT]]


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a batch. `hashes` are 64-bit; `token` says which token (of the whole batch) a gram belongs to.

    `token_text` maps tokens to texts, `words` are the tokens. `value` is 1/√(grams of that kind in the text).
    """

    hashes: np.ndarray
    token: np.ndarray
    value: np.ndarray
    token_text: np.ndarray
    words: list[str]
    texts: int

    def only(self, kept: np.ndarray) -> Grams:
        """The grams of the tokens where the boolean array `kept` holds; tokens keep their numbers."""
        keep = kept[self.token]
        return Grams(
            self.hashes[keep], self.token[keep], self.value[keep], self.token_text, self.words, self.texts
        )

    def of(self, chosen: np.ndarray) -> Grams:
        """The same grams for the texts where the boolean array `chosen` holds; texts keep their numbers."""
        return self.only(chosen[self.token_text])


def _finish(hashes: np.ndarray) -> np.ndarray:
    hashes = (hashes ^ (hashes >> np.uint64(31))) * _MIX
    return hashes ^ (hashes >> np.uint64(29))


@lru_cache(maxsize=8192)
def _mark_hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def grams(
    token_lists: Sequence[Sequence[str]],
    marks: Sequence[Sequence[Mark]] = (),
    roles: Sequence[int] | None = None,
) -> Grams:
    """Word n-grams (1, 2) and character n-grams (3–5, within padded words) of each list of tokens.

    The marks of each text join as grams of their own: their words become tokens, so that they can be named as reasons.
    `roles` says of every token of the batch whether it is about the brand; grams that are not weigh less, and once
    more as grams about others.
    """
    plain = _text_grams(token_lists)
    if roles is not None and any(roles):
        plain = _with_roles(plain, np.array(roles, dtype=np.int64))
    found = [(text, mark) for text, listed in enumerate(marks) for mark in listed]
    if not found:
        return plain
    count = len(plain.words)
    return Grams(
        np.concatenate(
            [plain.hashes, np.array([_mark_hash(mark.name) for _, mark in found], dtype=np.uint64)]
        ),
        np.concatenate([plain.token, np.arange(count, count + len(found))]),
        np.concatenate([plain.value, np.full(len(found), MARK_VALUE, dtype=np.float32)]),
        np.concatenate([plain.token_text, np.array([text for text, _ in found], dtype=np.int32)]),
        plain.words + [mark.words for _, mark in found],
        plain.texts,
    )


def _with_roles(plain: Grams, roles: np.ndarray) -> Grams:
    role = roles[plain.token]
    elsewhere = role > 0
    value = np.where(elsewhere, np.float32(_ELSEWHERE), np.float32(1)) * plain.value
    return Grams(
        np.concatenate([plain.hashes, _finish(plain.hashes[elsewhere] ^ _ROLE_SEEDS[role[elsewhere]])]),
        np.concatenate([plain.token, plain.token[elsewhere]]),
        np.concatenate([value, (1 - _ELSEWHERE) * plain.value[elsewhere]]).astype(np.float32),
        plain.token_text,
        plain.words,
        plain.texts,
    )


def _text_grams(token_lists: Sequence[Sequence[str]]) -> Grams:
    words = [word for listed in token_lists for word in listed]
    texts = len(token_lists)
    token_text = np.repeat(np.arange(texts), [len(listed) for listed in token_lists]).astype(np.int32)
    if not words:
        none = np.zeros(0, dtype=np.int64)
        return Grams(none.astype(np.uint64), none, none.astype(np.float32), token_text, words, texts)
    joined = " " + " ".join(words) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    size = len(codes)
    powers = np.ones(size + 1, dtype=np.uint64)
    np.cumprod(np.full(size, _BASE), out=powers[1:])
    inverse = np.ones(size + 1, dtype=np.uint64)
    np.cumprod(np.full(size, _INVERSE), out=inverse[1:])
    running = np.zeros(size + 1, dtype=np.uint64)
    np.cumsum((codes + np.uint64(7)) * powers[:size], out=running[1:])

    space = codes == _SPACE
    edges = np.flatnonzero(space)
    starts, ends = edges[:-1] + 1, edges[1:]
    word_hash = (running[ends] - running[starts]) * inverse[starts]
    same_text = token_text[1:] == token_text[:-1]
    pairs = np.flatnonzero(same_text)
    pair_hash = word_hash[pairs] * _MIX + (word_hash[pairs + 1] ^ _PAIR_SEED)

    spaces_before = np.concatenate([[0], np.cumsum(space)])
    char_hashes, char_tokens = [], []
    for n in _CHAR_GRAMS:
        if size < n:
            continue
        at = np.arange(size - n + 1)
        inside = spaces_before[at + n - 1] == spaces_before[at + 1]
        at = at[inside]
        char_hashes.append(_finish((running[at + n] - running[at]) * inverse[at] + np.uint64(0x1F * n)))
        # The token of a window is the number of spaces before its second character, which is never a space.
        char_tokens.append(spaces_before[at + 1] - 1)
    word_tokens = np.concatenate([np.arange(len(words)), pairs + 1])
    word_hashes = np.concatenate([_finish(word_hash ^ _WORD_SEED), _finish(pair_hash)])
    char_token = np.concatenate(char_tokens) if char_tokens else np.zeros(0, dtype=np.int64)
    values = [_scaled(token_text, word_tokens, texts), _scaled(token_text, char_token, texts)]
    return Grams(
        np.concatenate([word_hashes, *char_hashes]),
        np.concatenate([word_tokens, char_token]),
        np.concatenate(values),
        token_text,
        words,
        texts,
    )


def _scaled(token_text: np.ndarray, token: np.ndarray, texts: int) -> np.ndarray:
    """1/√n for every gram, n being the number of such grams in its text: long and short posts weigh alike."""
    text = token_text[token]
    counts = np.bincount(text, minlength=texts)
    return (1 / np.sqrt(np.maximum(counts, 1)))[text].astype(np.float32)
