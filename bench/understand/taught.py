"""What people's labels win back: an airline the heads never saw, and 25 to 200 of its posts labelled."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

from bench.understand.heads import WAYS, airline_posts
from bench.understand.rows import Row
from stormdesk.understand import BrandHeads, Label, Text, learn, read
from stormdesk.understand.reading import SENTIMENTS
from stormdesk.understand.reading import Path as Way
from stormdesk.understand.training import fit, measures
from stormdesk.understand.training.sources import Example

_COUNTS = (25, 50, 100, 200)
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_TESTED = 600
"""Posts of each airline that are read again and again."""
_SEED = 11


def labels(data: Path) -> list[Row]:
    """Each airline in turn: the general heads, then with labels. The loss is what a head of the whole set does better.

    The set is never trained on, so every airline is unseen.
    """
    examples, companies = airline_posts(data)
    truth = np.array([e.label for e in examples])
    features = fit.matrix(examples, 1 << 18)
    weight = fit.weight_of(examples, 0.5)
    within = np.empty_like(truth)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=fit.SEED).split(features, truth):
        coefficients, bias = fit.weights_of(features[train], truth[train], weight[train], 0.2, SENTIMENTS)
        within[test] = np.array(SENTIMENTS)[(features[test] @ coefficients + bias).argmax(axis=1)]
    return [row for way in WAYS for row in _by_way(way, examples, companies, truth, within)]


def _by_way(
    way: Way, examples: list[Example], companies: np.ndarray, truth: np.ndarray, within: np.ndarray
) -> list[Row]:
    brands = sorted(set(companies))
    posts = [Text(str(i), e.text, brand=e.brand, language="en") for i, e in enumerate(examples)]
    in_domain, unseen = [], []
    taught: dict[int, list[float]] = {count: [] for count in _COUNTS}
    used: dict[int, int] = dict.fromkeys(_COUNTS, 0)
    spent, tested = 0.0, 0
    for brand in brands:
        at = np.random.default_rng(_SEED).permutation(np.flatnonzero(companies == brand))
        test = at[max(_COUNTS) :][:_TESTED]
        tested += len(test)
        in_domain.append(measures.macro_f1(truth[test], within[test]))
        general = [_said(r.sentiment) for r in read([posts[i] for i in test], path=way)]
        unseen.append(measures.macro_f1(truth[test], general))
        for count in _COUNTS:
            given = [Label(posts[i], "sentiment", str(truth[i])) for i in at[:count]]
            started = time.process_time()
            heads: BrandHeads = learn(given, _AT, paths=[way])
            spent = max(spent, time.process_time() - started)
            used[count] += bool(heads.heads)
            said = [
                _said(r.sentiment) for r in read([posts[i] for i in test], path=way, heads={brand: heads})
            ]
            taught[count].append(measures.macro_f1(truth[test], said))
    top, bottom = 100 * float(np.mean(in_domain)), 100 * float(np.mean(unseen))
    result = [
        Row(f"airlines, mean of {len(brands)}: general heads, macro-F1, {way}", "never seen", tested, bottom),
        Row("  a head of all airlines' labels, macro-F1, light", "5-fold", tested, top),
    ]
    for count in _COUNTS:
        value = 100 * float(np.mean(taught[count]))
        won = 100 * (value - bottom) / (top - bottom)
        result.append(
            Row(f"  {count} labels of one airline, macro-F1", f"used by {used[count]}", tested, value)
        )
        floor = 50 if count == 200 else None
        result.append(Row("    share of the loss won back, %", "", tested, won, floor, floor))
    result.append(Row("  CPU seconds to learn 200 labels, at most", "", len(brands), spent))
    return result


def _said(sentiment: dict[str, float]) -> str:
    return max(sentiment, key=sentiment.__getitem__)
