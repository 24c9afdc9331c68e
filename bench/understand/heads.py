"""The shipped heads on parts set aside, on both paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.understand.plot import calibration
from bench.understand.rows import Row
from stormdesk.understand import Text, read
from stormdesk.understand.encoder import available, encoder
from stormdesk.understand.reading import SENTIMENTS
from stormdesk.understand.reading import Path as Way
from stormdesk.understand.training import fit, measures, sources
from stormdesk.understand.training.recipes import RECIPES
from stormdesk.understand.training.sources import Example

SET_ASIDE = "set aside"
CROSS = "5-fold"
WAYS: tuple[Way, ...] = ("light", "full") if available() else ("light",)


def said_of(examples: list[Example], way: Way, brand: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """What the shipped product says: the winning sentiment and all probabilities."""
    posts = [Text(str(i), e.text, brand=brand or e.brand) for i, e in enumerate(examples)]
    p = np.array([[r.sentiment[name] for name in SENTIMENTS] for r in read(posts, path=way)])
    return np.array(SENTIMENTS)[p.argmax(axis=1)], p


def vader(examples: list[Example], measure: object) -> str:
    """VADER's value in the same run, its compound score cut at ±0.05 as its authors say."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return "VADER is not installed"
    analyse = SentimentIntensityAnalyzer().polarity_scores
    compound = [analyse(e.text)["compound"] for e in examples]
    said = ["positive" if c >= 0.05 else "negative" if c <= -0.05 else "neutral" for c in compound]
    value = measure([e.label for e in examples], said) if callable(measure) else 0.0
    return f"VADER {100 * value:.1f}"


def tweeteval(data: Path) -> list[Row]:
    examples = sources.tweeteval(data)
    truth = np.array([e.label for e in examples])
    result = []
    for way in WAYS:
        said, p = said_of(examples, way)
        recall = 100 * measures.macro_recall(truth, said)
        usual = vader(examples, measures.macro_recall)
        result.append(
            Row(
                f"TweetEval sentiment, macro-recall, {way}",
                SET_ASIDE,
                len(truth),
                recall,
                61,
                66,
                False,
                70,
                usual,
            )
        )
        confidence, right = p.max(axis=1), (said == truth).astype(float)
        error = 100 * measures.calibration_error(confidence, right)
        result.append(Row("  its calibration error, %", SET_ASIDE, len(truth), error, 8, 5, True, 3))
        calibration(f"sentiment, {way}", confidence, right)
    return result


def sentirueval(data: Path) -> list[Row]:
    result = []
    for domain, floor, target, beyond in (("banks", 52, 53, 60), ("telecoms", 52, 56, 62)):
        examples = sources.sentirueval(data, "test_etalon", (domain,))
        truth = np.array([e.label for e in examples])
        for way in WAYS:
            said, _ = said_of(examples, way)
            f1 = 100 * measures.signs_f1(truth, said)
            title = f"SentiRuEval {domain}, F1 of pos and neg, {way}"
            result.append(Row(title, SET_ASIDE, len(truth), f1, floor, target, False, beyond))
    return result


def many(data: Path) -> list[Row]:
    """The eight languages, by the head their language was read as."""
    examples = sources.xlmt(data, "val")
    result = []
    for way in WAYS:
        said, _ = said_of(examples, way)
        scores = []
        for lang in sorted({e.lang for e in examples}):
            at = [i for i, e in enumerate(examples) if e.lang == lang]
            scores.append(100 * measures.macro_f1([examples[i].label for i in at], said[at]))
        title = f"XLM-T, mean of 8 languages, macro-F1, {way}"
        result.append(Row(title, SET_ASIDE, len(examples), float(np.mean(scores)), 50, 60, False, 65))
    return result


def airline_posts(data: Path) -> tuple[list[Example], np.ndarray]:
    """Posts to six airlines and which of them was written to: the names as the posts have them."""
    sign = {"neg": "negative", "neu": "neutral", "pos": "positive"}
    rows = list(sources.rows(data / "airline_en" / "airline_dev.csv.gz"))
    companies = np.array([r["airline"] for r in rows])
    return [Example(r["text"], sign[r["label"]], 1.0, "airline", "en", r["airline"]) for r in rows], companies


def airline(data: Path) -> list[Row]:
    """Measured only: the licence forbids shipping weights trained on this set."""
    examples, _ = airline_posts(data)
    truth = np.array([e.label for e in examples])
    result = []
    usual = vader(examples, measures.macro_f1)
    for way in WAYS:
        said, _ = said_of(examples, way)
        f1 = 100 * measures.macro_f1(truth, said)
        result.append(
            Row(
                f"airline, brand unseen, macro-F1, {way}", SET_ASIDE, len(truth), f1, 62, 66, False, 70, usual
            )
        )
    # In domain: a head for the set alone, on the same n-grams and the same network's view.
    features = fit.matrix(examples, RECIPES["sentiment_en"].buckets)
    weight = fit.weight_of(examples, 0.5)
    model = encoder() if "full" in WAYS else None
    views = None if model is None else model.encode([e.text for e in examples])
    answered = {way: np.empty_like(truth) for way in WAYS}
    for train, test in StratifiedKFold(5, shuffle=True, random_state=fit.SEED).split(features, truth):
        coefficients, bias = fit.weights_of(features[train], truth[train], weight[train], 0.2, SENTIMENTS)
        scores = features[test] @ coefficients + bias
        answered["light"][test] = np.array(SENTIMENTS)[scores.argmax(axis=1)]
        if views is not None:
            head = make_pipeline(StandardScaler(), LogisticRegression(C=1e-4, max_iter=200))
            head.fit(views[train], truth[train], logisticregression__sample_weight=weight[train])
            joined = 2 * scores + head.decision_function(views[test])
            answered["full"][test] = np.array(SENTIMENTS)[joined.argmax(axis=1)]
    for way in WAYS:
        f1 = 100 * measures.macro_f1(truth, answered[way])
        result.append(Row(f"airline in domain, macro-F1, {way}", CROSS, len(truth), f1, 73, 77, False, 80))
    return result


def language(data: Path) -> list[Row]:
    rows = [
        r
        for number, r in enumerate(sources.rows(data / "langid" / "social_short_dev.csv.gz"))
        if sources.set_aside(number)
    ]
    result = []
    for title, wanted, floor, target, beyond in (
        (
            "language, 7 languages, short posts, accuracy",
            {"ru", "en", "uk", "kk", "de", "es", "tr"},
            96,
            98,
            99,
        ),
        ("language, all 10 languages there, accuracy", {r["lang"] for r in rows}, None, None, None),
    ):
        chosen = [r for r in rows if r["lang"] in wanted]
        said = [reading.language for reading in read([Text("", r["text"]) for r in chosen])]
        right = sum(a == r["lang"] for a, r in zip(said, chosen, strict=True))
        value = 100 * right / len(chosen)
        result.append(Row(title, SET_ASIDE, len(chosen), value, floor, target, False, beyond))
    return result
