"""Heads measured by cross-validation, where one set is all there is: every post read by models that never saw it."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from bench.understand.heads import CROSS, WAYS
from bench.understand.plot import calibration
from bench.understand.rows import Row
from stormdesk.understand.network import Network
from stormdesk.understand.training import measures, sources
from stormdesk.understand.training.crossing import Crossed, Vectors, cross, networks
from stormdesk.understand.training.sources import FOLDS

FULL = False
"""Whether the networks of the full path are trained anew for each fold: about ten minutes."""
VECTORS: Path | None = None


@cache
def _trained(data: Path) -> tuple[Vectors, dict[int | None, Network]] | tuple[None, None]:
    if not FULL or "full" not in WAYS:
        return None, None
    vectors = Vectors(VECTORS)
    with threadpool_limits(1):
        return vectors, networks(data, vectors, range(FOLDS), lambda _: None)


@cache
def _crossed(name: str, data: Path) -> Crossed:
    vectors, trained = _trained(data)
    return cross(name, data, vectors, trained)


def _ways(found: Crossed) -> list[tuple[str, np.ndarray]]:
    return [("light", found.light), *([("full", found.full)] if found.full is not None else [])]


def rusentitweet(data: Path) -> list[Row]:
    found = _crossed("sentiment_ru", data)
    truth = np.array([e.label for e in found.examples])[found.counted]
    result = []
    for way, p in _ways(found):
        said = np.array(found.head.labels)[p[found.counted].argmax(axis=1)]
        f1 = 100 * measures.macro_f1(truth, said)
        title = f"RuSentiTweet, 5 classes, macro-F1, {way}"
        result.append(Row(title, CROSS, len(truth), f1, 61, 64, False, 66))
    return result


def needs(data: Path) -> list[Row]:
    """Complaints and scam on the public sets; all four fields on the posts written for the project."""
    result = []
    for name, title, marks in (
        ("complaint", "complaints, macro-F1", (79, 83, False, 86)),
        ("scam", "SMS scam, F1", (95, 96.5, False, 98)),
        ("needs_reply", "", ()),
    ):
        found = _crossed(name, data)
        source = np.array([e.source for e in found.examples])
        truth = np.array([e.label for e in found.examples])
        for way, p in _ways(found):
            said = np.where(p[:, 0] >= 0.5, "yes", "no")
            public = found.counted & ~np.char.startswith(source, "own")
            if public.any():
                if name == "scam":
                    hits = ((truth == "yes") & (said == "yes") & public).sum()
                    value = 2 * hits / (((truth == "yes") & public).sum() + ((said == "yes") & public).sum())
                else:
                    value = measures.macro_f1(truth[public], said[public])
                result.append(Row(f"{title}, {way}", CROSS, int(public.sum()), 100 * float(value), *marks))
            for language in ("ru", "en"):
                at = source == f"own {language}"
                value = 100 * measures.macro_f1(truth[at], said[at])
                result.append(
                    Row(f"{name}, own posts {language}, macro-F1, {way}", CROSS, int(at.sum()), value)
                )
            if name == "needs_reply":
                yes = (truth[found.counted] == "yes").astype(float)
                chance = p[found.counted, 0]
                error = 100 * measures.calibration_error(chance, yes)
                result.append(Row("  its calibration error, %", CROSS, len(yes), error, 8, 5, True, 3))
                calibration(f"needs reply, {way}", chance, yes)
    return result + _urgency(data)


def _urgency(data: Path) -> list[Row]:
    levels = {level: _crossed(f"urgency_{level}", data) for level in ("1", "2", "3")}
    result = []
    for way, _ in _ways(levels["1"]):
        source, truth, said = measures.urgency(levels, way)
        for language in ("ru", "en"):
            at = source == f"own {language}"
            count = int(at.sum())
            exact = 100 * float((said == truth)[at].mean())
            near = 100 * float((abs(said - truth) <= 1)[at].mean())
            f1 = 100 * measures.macro_f1(truth[at], said[at])
            result += [
                Row(f"urgency 0–3, own posts {language}, exact, %, {way}", CROSS, count, exact),
                Row("  within one level, %", CROSS, count, near),
                Row("  macro-F1", CROSS, count, f1),
            ]
    return result


def toward(data: Path) -> list[Row]:
    """Own posts that stand twice, for two brands with their own labels: both must be read right."""
    result = []
    for language in ("ru", "en"):
        found = _crossed(f"sentiment_{language}_brand", data)
        own = np.array([e.source == f"own {language}" for e in found.examples])
        texts = Counter(e.text for e, is_own in zip(found.examples, own, strict=True) if is_own)
        pair = np.array([texts[e.text] > 1 for e in found.examples]) & own
        truth = np.array([e.label for e in found.examples])
        for way, p in _ways(found):
            said = np.array(found.head.labels)[p.argmax(axis=1)]
            f1 = 100 * measures.macro_f1(truth[own], said[own])
            right = 100 * float((said == truth)[pair].mean())
            result += [
                Row(
                    f"sentiment toward the brand, own posts {language}, macro-F1, {way}",
                    CROSS,
                    int(own.sum()),
                    f1,
                ),
                Row("  posts about two brands, right for the one asked, %", CROSS, int(pair.sum()), right),
            ]
    return result


def industries(data: Path) -> list[Row]:
    """One industry left out at a time, light path: how the heads fare in a trade nobody wrote about."""
    from stormdesk.understand.training import fit
    from stormdesk.understand.training.recipes import RECIPES

    trade = {(str(p["text"]), p.get("brand")): str(p.get("industry") or "") for p in sources.own_posts()}
    result = []
    for name in ("complaint", "needs_reply", "scam", "urgency_2"):
        recipe = RECIPES[name]
        examples = recipe.examples(data)
        own = np.array([e.source.startswith("own") for e in examples])
        of = [trade.get((e.text, e.brand), "") if e.source.startswith("own") else "" for e in examples]
        numbers = {industry: i for i, industry in enumerate(sorted(set(of)))}
        groups = np.array([numbers[industry] for industry in of])
        _, scores = fit.fit(examples, recipe.classes, groups, recipe)
        truth = np.array([e.label for e in examples])
        said = np.where(scores[:, 0] >= 0, "yes", "no")
        at = own & (groups > 0)
        by: dict[int, float] = defaultdict(float)
        for group in set(groups[at].tolist()):
            by[group] = 100 * measures.macro_f1(truth[groups == group], said[groups == group])
        value = 100 * measures.macro_f1(truth[at], said[at])
        result.append(
            Row(f"{name}, industry never seen, macro-F1, light", "leave one out", int(at.sum()), value)
        )
        result.append(Row("  the worst industry", "leave one out", len(by), min(by.values())))
    return result
