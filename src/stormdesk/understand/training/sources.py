"""The labelled sets, as found in the directory given to the training command, and the posts written for the project.

Sets under a non-commercial licence are not listed here: they may be measured with, never trained on.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from stormdesk.understand.toward import split

FOLDS = 5
_ADDRESS = re.compile(r"https?://\S*|\bhttp\b|@\w+")
NEEDS = ("complaint", "needs_reply", "urgency", "scam")
_SIGN = {"neg": "negative", "neu": "neutral", "pos": "positive"}


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what is known of it: `brand` is whose sentiment the label tells, `weight` is below 1 where it is only likely."""

    text: str
    label: str
    weight: float = 1.0
    source: str = ""
    lang: str = ""
    brand: str | None = None
    origin: str = ""

    @property
    def fold(self) -> int:
        """0 to 4, the same for texts of the same letters: copies and the two brands of one post stay together.

        `origin` is the text that decides it, when another was made from it.
        """
        letters = _letters(self.origin or self.text)
        return hashlib.blake2b(letters.encode(errors="replace"), digest_size=4).digest()[0] % FOLDS


def _letters(text: str) -> str:
    """What makes two posts the same: their first sixty letters, links and mentions aside."""
    return "".join(filter(str.isalpha, _ADDRESS.sub("", text).lower()))[:60] or text


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a gzip CSV; broken UTF-8 is replaced."""
    with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        yield from csv.DictReader(file)


@cache
def semeval(data: Path) -> list[Example]:
    """Without the posts that TweetEval and the set of eight languages keep to measure with."""
    found = rows(data / "semeval2013_2016_en" / "sentiment_train.csv.gz")
    kept = [Example(r["text"], _SIGN[r["label"]], 1.0, "semeval", "en") for r in found]
    return without(kept, tweeteval(data) + xlmt(data, "val"))


def tweeteval(data: Path) -> list[Example]:
    found = rows(data / "tweeteval" / "sentiment_val.csv.gz")
    return [Example(r["text"], _SIGN[r["label"]], 1.0, "tweeteval", "en") for r in found]


@cache
def rusentitweet(data: Path) -> list[Example]:
    return [
        Example(r["text"], r["label"], 1.0, "rusentitweet", "ru")
        for r in rows(data / "rusentitweet" / "train.csv.gz")
    ]


_BRANDS = {
    "sberbank": "Сбербанк",
    "vtb": "ВТБ",
    "gazprom": "Газпромбанк",
    "alfabank": "Альфа-банк",
    "bankmoskvy": "Банк Москвы",
    "raiffeisen": "Райффайзенбанк",
    "uralsib": "Уралсиб",
    "rshb": "Россельхозбанк",
    "beeline": "Билайн",
    "mts": "МТС",
    "megafon": "Мегафон",
    "tele2": "Теле2",
    "rostelecom": "Ростелеком",
    "komstar": "Комстар",
    "skylink": "Скайлинк",
}


@cache
def sentirueval(data: Path, part: str, domains: tuple[str, ...] = ("banks", "telecoms")) -> list[Example]:
    """`part` is "train" or "test_etalon". Posts with mixed signs are left out."""
    found = [
        Example(
            r["text"],
            _SIGN[r["label"]],
            1.0,
            f"sentirueval {domain}",
            "ru",
            _BRANDS.get(r["brand"], r["brand"]),
        )
        for domain in domains
        for r in rows(data / "sentirueval2015" / f"{domain}_{part}.csv.gz")
        if r["label"] in _SIGN
    ]
    return found if part != "train" else without(found, sentirueval(data, "test_etalon"))


_XLMT = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}


@cache
def xlmt(data: Path, split: str = "train") -> list[Example]:
    """`split` is "train" or "val", which is measured with. Posts of TweetEval are left out of the training part."""
    found = [
        Example(r["text"], _SIGN[r["label"]], 1.0, "xlmt", _XLMT[r["lang"]])
        for r in rows(data / "xlmt_multilingual" / "sentiment_8lang_trainval.csv.gz")
        if r["split"] == split
    ]
    return found if split == "val" else without(found, tweeteval(data) + xlmt(data, "val"))


def kazakh(data: Path) -> list[Example]:
    sign = {"0": "negative", "1": "positive"}
    found = rows(data / "kazsandra_kk" / "polarity_dev.csv.gz")
    return [Example(r["text"], sign[r["label"]], 1.0, "kazsandra", "kk") for r in found]


def turkish(data: Path) -> list[Example]:
    sign = {
        "kızgın": "negative",
        "üzgün": "negative",
        "korku": "negative",
        "mutlu": "positive",
        "surpriz": "neutral",
    }
    found = rows(data / "turkish_tweets_tr" / "tweets_dev.csv.gz")
    return [Example(r["text"], sign[r["label"]], 0.5, "turkish", "tr") for r in found]


def complaints(data: Path) -> list[Example]:
    return [
        Example(r["text"], "yes" if r["label"] == "complaint" else "no", 1.0, "complaints", "en")
        for r in rows(data / "complaints_en" / "complaints_dev.csv.gz")
    ]


def sms(data: Path) -> list[Example]:
    return [
        Example(r["text"], "no" if r["label"] == "ham" else "yes", 1.0, "sms", "en")
        for r in rows(data / "sms_smishing_en" / "sms_dev.csv.gz")
    ]


def banking(data: Path) -> list[Example]:
    return [
        Example(r["text"], "yes", 0.1, "banking77", "en")
        for r in rows(data / "banking77_en" / "train.csv.gz")
    ]


def set_aside(number: int) -> bool:
    """Whether a row is kept from training to be measured with: every fifth."""
    return number % 5 == 0


def spoken(data: Path) -> list[Example]:
    """Texts by language: sentences, social posts, and the many-language sentiment sets."""
    found = [
        Example(r["text"], r["lang"], 1.0, f"langid {name}", r["lang"])
        for name in ("lingua_testdata", "social_short_dev")
        for number, r in enumerate(rows(data / "langid" / f"{name}.csv.gz"))
        if name == "lingua_testdata" or not set_aside(number)
    ]
    for example in (
        xlmt(data)
        + turkish(data)
        + kazakh(data)[:4000]
        + semeval(data)[::15]
        + rusentitweet(data)[::4]
        + sentirueval(data, "train")[::3]
        + own("sentiment")
    ):
        found.append(Example(example.text, example.lang, 1.0, example.source, example.lang))
    return found


def emotions_ru(data: Path) -> list[Example]:
    """Russian sentences by their first emotion."""
    found = rows(data / "cedr_ru" / "train.csv.gz")
    return [
        Example(r["text"], (re.findall(r"\w+", r["labels"]) or ["none"])[0], 1.0, "cedr", "ru") for r in found
    ]


def tweeteval_task(data: Path, task: str) -> list[Example]:
    """`task` is “emotion”, “irony” or “offensive”: not shipped as heads, they teach the network what words do."""
    return [
        Example(r["text"], r["label"], 1.0, task, "en")
        for r in rows(data / "tweeteval" / f"{task}_train.csv.gz")
    ]


def without(examples: list[Example], held: list[Example]) -> list[Example]:
    """The examples that do not occur in `held`, links and mentions aside: sets of one origin share posts."""
    known = {_letters(e.text) for e in held}
    return [e for e in examples if _letters(e.text) not in known]


def own_posts() -> list[dict[str, str | int]]:
    """Posts written and labelled for the project; the labelling rules are in docs/reference/understanding.md."""
    files = sorted(Path(__file__).with_name("posts").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def own(field: str, weight: float = 1.0) -> list[Example]:
    """Own posts with the value of one field as the label; yes-no fields become “yes” and “no”."""
    result = []
    for post in own_posts():
        value = post[field]
        label = str(value) if field in {"urgency", "sentiment"} else ("yes" if value else "no")
        brand = post.get("brand")
        result.append(
            Example(
                str(post["text"]),
                label,
                weight,
                f"own {post['lang']}",
                str(post["lang"]),
                str(brand) if brand else None,
            )
        )
    return result


_JOINED = {"ru": (". А ", ", а ", ". Зато ", ". ", ", "), "en": (", but ", ". ", ", while ", ". But ", ", ")}
_SHORT = 160


def contrasted(lang: str, count: int) -> list[Example]:
    """Short own posts that praise one brand and blame another, joined: each text twice, once for either brand.

    Both halves come from one fold, so that a crossed head has seen neither.
    """
    random = np.random.default_rng(FOLDS)
    texts = Counter(e.text for e in own("sentiment"))
    short = [e for e in own("sentiment") if e.lang == lang and len(e.text) <= _SHORT]
    short = [e for e in short if texts[e.text] == 1 and _names(e.text, e.brand)]
    result: list[Example] = []
    for fold in range(FOLDS):
        praise, blame = (
            [e for e in short if e.fold == fold and e.label == label] for label in ("positive", "negative")
        )
        for _ in range(count // FOLDS // 2):
            one, two = praise[random.integers(len(praise))], blame[random.integers(len(blame))]
            if one.brand == two.brand:
                continue
            first, second = (one, two) if random.random() < 0.5 else (two, one)
            text = first.text.rstrip(" .!") + str(random.choice(_JOINED[lang])) + second.text
            result += [Example(text, e.label, 0.5, "contrasted", lang, e.brand, one.text) for e in (one, two)]
    return result


def _names(text: str, brand: str | None) -> bool:
    return any(part.is_name for part in split(text, brand).parts)


_WORD = re.compile(r"[^\W\d_]{3,}")


def common_words(data: Path) -> list[str]:
    """Words that occur at least twice without a capital in posts of both languages, ё as е."""
    counted: Counter[str] = Counter()
    posts = (
        semeval(data) + rusentitweet(data) + sentirueval(data, "train") + complaints(data) + emotions_ru(data)
    )
    for example in posts:
        counted.update(word.replace("ё", "е") for word in _WORD.findall(example.text) if word.islower())
    return sorted(word for word, count in counted.items() if count > 1)
