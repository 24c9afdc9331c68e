"""What a post says as a few numbers: its words folded once for copies and for topics, stems that carry the subject."""

from __future__ import annotations

import re
import zlib
from array import array
from functools import lru_cache
from pathlib import Path

from stormdesk.understand.fold import fold, stems
from stormdesk.understand.vocabulary import words

TEXT_LIMIT = 4_000
STEMS = 1 << 18
"""Buckets that stems are counted in."""
_WORDS = 60
_WORD_LETTERS = 24

NOISE = re.compile(r"https?://\S+|www\.\S+|t\.me/\S+|(?:^|\s)(?:rt|рт|via)\s+(?=@)|@\w+:?|&\w+;")
_NOT_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The words alone: links, mentions, punctuation and case change when people copy."""
    folded = fold(text[:TEXT_LIMIT])
    return _NOT_WORD.sub(" ", NOISE.sub(" ", folded)).strip() or folded or "∅"


def shown(text: str) -> str:
    """The text as written, without links and mentions: what the encoder reads."""
    return " ".join(NOISE.sub(" ", text[:1000]).split())


@lru_cache(maxsize=100_000)
def _stem(word: str) -> int:
    """The bucket of a word's stem; -1 for words that carry no subject."""
    if len(word) < 3 or word.isdigit() or word in words("stop"):
        return -1
    return _bucket(stems(word[:_WORD_LETTERS]))


def _bucket(stem: str) -> int:
    return zlib.crc32(stem.encode()) & (STEMS - 1)


COMMON_POSTS = 2_000


def common_counts() -> array[int]:
    """In how many of `COMMON_POSTS` ordinary posts each bucket of stems occurs: what a stream starts from."""
    counts = array("I", bytes(4 * STEMS))
    for line in Path(__file__).with_name("common.txt").read_text(encoding="utf-8").splitlines():
        number, *listed = line.split()
        if number != "#":
            for stem in listed:
                counts[_bucket(stem)] += int(number)
    return counts


def subject(plain_words: str) -> list[int]:
    """The different stems of the first 60 words that carry a subject, in order of appearance."""
    found = dict.fromkeys(map(_stem, plain_words.split(" ", _WORDS)[:_WORDS]))
    found.pop(-1, None)
    return list(found)
