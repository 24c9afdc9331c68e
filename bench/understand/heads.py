"""The trained heads on parts set aside, or by cross-validation where one set is all there is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedKFold

from bench.understand.rows import Row
from stormdesk.understand import Text, read
from stormdesk.understand.reading import SENTIMENTS
from stormdesk.understand.training import fit, measures, recipes, sources
from stormdesk.understand.training.sources import Example

SET_ASIDE = "set aside"
CROSS = "5-fold"


def _sentiments(examples: list[Example], brand: str | None = None) -> tuple[list[str], np.ndarray]:
    """What the shipped product says: the winning sentiment and all probabilities."""
    readings = read([Text(str(i), e.text, brand=brand) for i, e in enumerate(examples)])
    p = np.array([[reading.sentiment[name] for name in SENTIMENTS] for reading in readings])
    return [SENTIMENTS[i] for i in p.argmax(axis=1)], p


def tweeteval(data: Path) -> list[Row]:
    examples = sources.tweeteval(data)
    said, p = _sentiments(examples)
    truth = [e.label for e in examples]
    error = measures.calibration_error(
        p.max(axis=1), np.array([a == b for a, b in zip(said, truth, strict=True)], float)
    )
    return [
        Row(
            "TweetEval sentiment, macro-recall",
            SET_ASIDE,
            len(truth),
            100 * measures.macro_recall(truth, said),
            61,
            66,
        ),
        Row("  its calibration error, %", SET_ASIDE, len(truth), 100 * error, 8, 5, less=True),
    ]


def sentirueval(data: Path) -> list[Row]:
    result = []
    for domain, floor, target in (("banks", 52, 53), ("telecoms", 52, 56)):
        examples = sources.sentirueval(data, "test_etalon", (domain,))
        said, _ = _sentiments(examples, brand="the brand")
        truth = np.array([e.label for e in examples])
        f1 = [
            2
            * ((truth == sign) & (np.array(said) == sign)).sum()
            / max(1, (truth == sign).sum() + (np.array(said) == sign).sum())
            for sign in ("positive", "negative")
        ]
        result.append(
            Row(
                f"SentiRuEval {domain}, F1 of pos and neg", SET_ASIDE, len(truth), 50 * sum(f1), floor, target
            )
        )
    return result


def _cross(name: str, data: Path) -> tuple[list[Example], np.ndarray, tuple[str, ...]]:
    """Out-of-fold probabilities of a recipe, for the examples it is measured on."""
    recipe = recipes.RECIPES[name]
    examples = recipe.examples(data)
    head, p, counted = fit.fit(
        examples,
        recipe.classes(examples),
        strength=recipe.strength,
        buckets=recipe.buckets,
        measure=None if recipe.measure is None else set(recipe.measure),
        evenly=recipe.evenly,
    )
    return [e for e, keep in zip(examples, counted, strict=True) if keep], p[counted], head.labels


def rusentitweet(data: Path) -> list[Row]:
    examples, p, labels = _cross("sentiment_ru", data)
    said = [labels[i] for i in p.argmax(axis=1)]
    value = 100 * measures.macro_f1([e.label for e in examples], said)
    return [Row("RuSentiTweet, 5 classes, macro-F1", CROSS, len(examples), value, 61, 64)]


def many(data: Path) -> list[Row]:
    """Trained on the training parts of the eight languages, measured on the validation parts."""
    recipe = recipes.RECIPES["sentiment_many"]
    held = sources.xlmt(data, ("val",))
    texts = {e.text for e in held}
    examples = [e for e in recipe.examples(data) if e.text not in texts]
    features = fit.matrix([e.text for e in examples], recipe.buckets)
    labels, weight = np.array([e.label for e in examples]), np.array([e.weight for e in examples])
    coefficients, bias = fit.weights_of(features, labels, weight, recipe.strength, SENTIMENTS)
    answered = fit.matrix([e.text for e in held], recipe.buckets) @ coefficients + bias
    said = np.array(SENTIMENTS)[answered.argmax(axis=1)]
    scores = []
    for lang in sorted({e.lang for e in held}):
        rows = [i for i, e in enumerate(held) if e.lang == lang]
        scores.append(measures.macro_f1([held[i].label for i in rows], said[rows]))
    return [
        Row(
            "XLM-T, mean of 8 languages, macro-F1", SET_ASIDE, len(held), 100 * float(np.mean(scores)), 50, 60
        )
    ]


def needs(data: Path) -> list[Row]:
    """Complaints and scam on the public sets; needs-reply and urgency on the posts written for the project."""
    result = []
    for name, floor, target in (("complaint", 79, 83), ("scam", 95, 96.5), ("needs_reply", None, None)):
        examples, p, _ = _cross(name, data)
        source = np.array([e.source for e in examples])
        truth = np.array([e.label for e in examples])
        said = np.where(p[:, 0] >= 0.5, "yes", "no")
        own = np.char.startswith(source, "own")
        if name == "complaint":
            value = measures.macro_f1(truth[~own], said[~own])
            result.append(Row("complaints, macro-F1", CROSS, int((~own).sum()), 100 * value, floor, target))
        if name == "scam":
            hits = ((truth == "yes") & (said == "yes") & ~own).sum()
            value = 2 * hits / (((truth == "yes") & ~own).sum() + ((said == "yes") & ~own).sum())
            result.append(Row("SMS scam, F1", CROSS, int((~own).sum()), 100 * value, floor, target))
        for language in ("ru", "en"):
            rows = source == f"own {language}"
            value = 100 * measures.macro_f1(truth[rows], said[rows])
            result.append(Row(f"{name}, own posts {language}, macro-F1", CROSS, int(rows.sum()), value))
        if name == "needs_reply":
            error = measures.calibration_error(p[own, 0], (truth[own] == "yes").astype(float))
            result.append(
                Row("  its calibration error, %", CROSS, int(own.sum()), 100 * error, 8, 5, less=True)
            )
    examples = recipes.urgency_examples(data)
    _, p, _counted = fit.fit_levels(examples)
    rows = [i for i, e in enumerate(examples) if e.source.startswith("own")]
    said = np.cumprod(p[rows] >= 0.5, axis=1).sum(axis=1)
    truth = np.array([int(examples[i].label) for i in rows])
    result.append(
        Row("urgency 0–3, own posts, exact, %", CROSS, len(rows), 100 * float((said == truth).mean()))
    )
    result.append(
        Row(
            "urgency 0–3, own posts, within one, %",
            CROSS,
            len(rows),
            100 * float((abs(said - truth) <= 1).mean()),
        )
    )
    return result


def airline(data: Path) -> list[Row]:
    """Measured only: the licence forbids shipping weights trained on this set."""
    rows = list(sources.rows(data / "airline_en" / "airline_dev.csv.gz"))
    sign = {"neg": "negative", "neu": "neutral", "pos": "positive"}
    examples = [Example(r["text"], sign[r["label"]]) for r in rows]
    truth = np.array([e.label for e in examples])
    said, _ = _sentiments(examples, brand="the airline")
    features = fit.matrix([e.text for e in examples], 1 << 18)
    weight = np.array(
        [{name: (truth == name).mean() for name in SENTIMENTS}[label] ** -0.5 for label in truth]
    )
    companies = np.array([r["airline"] for r in rows])

    def split(folds) -> float:
        answered = np.empty(len(truth), dtype=truth.dtype)
        for train, test in folds:
            coefficients, bias = fit.weights_of(features[train], truth[train], weight[train], 0.2, SENTIMENTS)
            answered[test] = np.array(SENTIMENTS)[(features[test] @ coefficients + bias).argmax(axis=1)]
        return 100 * measures.macro_f1(truth, answered)

    within = split(StratifiedKFold(5, shuffle=True, random_state=fit.SEED).split(features, truth))
    unseen = split(GroupKFold(len(set(companies))).split(features, truth, companies))
    count = len(truth)
    return [
        Row("airline sentiment in domain, macro-F1", CROSS, count, within, 73, 77),
        Row(
            "airline, brand unseen: shipped head, macro-F1",
            SET_ASIDE,
            count,
            100 * measures.macro_f1(truth, said),
            62,
            66,
        ),
        Row("airline, the other five airlines known", "leave one out", count, unseen),
    ]


def language(data: Path) -> list[Row]:
    rows = [
        r
        for number, r in enumerate(sources.rows(data / "langid" / "social_short_dev.csv.gz"))
        if sources.set_aside(number)
    ]
    result = []
    for title, wanted, floor, target in (
        ("language, 7 languages, short posts, accuracy", {"ru", "en", "uk", "kk", "de", "es", "tr"}, 96, 98),
        ("language, all 10 languages there, accuracy", {r["lang"] for r in rows}, None, None),
    ):
        chosen = [r for r in rows if r["lang"] in wanted]
        said = [reading.language for reading in read([Text("", r["text"]) for r in chosen])]
        right = sum(a == r["lang"] for a, r in zip(said, chosen, strict=True))
        result.append(Row(title, SET_ASIDE, len(chosen), 100 * right / len(chosen), floor, target))
    return result
