"""Personal data on posts written by hand, ours beside presidio without its models, in one run."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.understand.rows import Row
from stormdesk.understand import personal_data

SETS = Path(__file__).with_name("sets")
_MARKED = re.compile(r"\[\[(\w+):(.*?)\]\]")
_CLEAN = "%% clean"


class Wanted(NamedTuple):
    """Personal data that stands in a post: its kind and place."""

    kind: str
    start: int
    end: int


Finder = Callable[[str], list[tuple[str, int, int]]]


def marked_posts(name: str) -> tuple[list[tuple[str, list[Wanted]]], list[str]]:
    """Posts of a set with what stands in them, and posts in which there is nothing."""
    found, clean = [], []
    into_clean = False
    for line in (SETS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line == _CLEAN:
            into_clean = True
        elif into_clean and line:
            clean.append(line)
        elif line and not line.startswith("#"):
            found.append(_unmarked(line))
    return found, clean


def _unmarked(line: str) -> tuple[str, list[Wanted]]:
    text, wanted, at = "", [], 0
    for match in _MARKED.finditer(line):
        text += line[at : match.start()]
        wanted.append(Wanted(match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return text + line[at:], wanted


def ours(text: str) -> list[tuple[str, int, int]]:
    return [(span.kind, span.start, span.end) for span in personal_data(text)]


_PRESIDIO_KINDS = {
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_PASSPORT": "passport",
    "DATE_TIME": "birth_date",
}


def presidio() -> Finder:
    """Presidio's own recognisers without a language model. ImportError when it is not installed."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class NoModel(NlpEngine):
        """Words alone: presidio insists on an engine, and its models would have to be downloaded."""

        engine_name = "none"
        is_available = True

        def load(self) -> None: ...
        def is_loaded(self) -> bool:
            return True

        def is_stopword(self, word: str, language: str) -> bool:
            return False

        def is_punct(self, word: str, language: str) -> bool:
            return not word.isalnum()

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return ["en"]

        def process_text(self, text: str, language: str) -> NlpArtifacts:
            return NlpArtifacts([], [], [], [], self, language)

        def process_batch(self, texts, language, **_):
            for text in texts:
                yield text, self.process_text(text, language)

    # It asks the network for a newer list of domains and complains at length when there is none.
    logging.getLogger("tldextract").setLevel(logging.CRITICAL)
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=NoModel(), supported_languages=["en"])

    def find(text: str) -> list[tuple[str, int, int]]:
        results = engine.analyze(text, language="en", entities=list(_PRESIDIO_KINDS), score_threshold=0.3)
        return [(_PRESIDIO_KINDS[r.entity_type], r.start, r.end) for r in results]

    return find


class Score(NamedTuple):
    """`found` and `whole` are shares of what stands in the posts, `alarms` of the posts with nothing in them."""

    found: float
    whole: float
    alarms: float
    seconds: float
    missed: list[str]
    alarmed: list[str]
    by_kind: dict[str, tuple[int, int]]


def score(find: Finder, name: str) -> Score:
    posts, clean = marked_posts(name)
    started = time.process_time()
    missed, asked, hit, whole = [], Counter[str](), Counter[str](), 0
    for text, wanted in posts:
        spans = find(text)
        for want in wanted:
            asked[want.kind] += 1
            same = [s for s in spans if s[0] == want.kind and s[1] < want.end and s[2] > want.start]
            hit[want.kind] += bool(same)
            covered = (
                min((s[1] for s in same), default=want.end) <= want.start
                and max((s[2] for s in same), default=0) >= want.end
            )
            whole += covered
            if not covered:
                got = [(s[0], text[s[1] : s[2]]) for s in spans]
                missed.append(f"{'part' if same else 'none'}: {text}  [{want.kind}] got {got}")
    alarmed = [
        f"{text}  {[(s[0], text[s[1] : s[2]]) for s in spans]}" for text in clean if (spans := find(text))
    ]
    total = asked.total()
    return Score(
        hit.total() / total,
        whole / total,
        len(alarmed) / len(clean),
        time.process_time() - started,
        missed,
        alarmed,
        {kind: (hit[kind], asked[kind]) for kind in sorted(asked)},
    )


def rows(_: Path) -> Iterator[Row]:
    finders: list[tuple[str, Finder]] = [("ours", ours)]
    try:
        finders.append(("presidio", presidio()))
    except ImportError:
        yield Row("personal data beside presidio", "presidio is not installed", 0, float("nan"))
    for name, how in (("personal_aside", "by hand, aside"), ("personal_tuning", "by hand, tuned on")):
        for title, find in finders:
            got = score(find, name)
            posts, clean = marked_posts(name)
            count = sum(len(wanted) for _, wanted in posts)
            mine = title == "ours"
            yield Row(
                f"personal data, recall, %: {title}", how, count, 100 * got.found, *((95, 97) if mine else ())
            )
            yield Row(f"  masked whole, %: {title}", how, count, 100 * got.whole)
            yield Row(
                f"  false alarms on hard clean posts, %: {title}",
                how,
                len(clean),
                100 * got.alarms,
                *((3, 2) if mine else ()),
                less=True,
            )
