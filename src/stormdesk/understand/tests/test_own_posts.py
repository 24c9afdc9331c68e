"""The posts written for the project keep their schema, and the second labels belong to them."""

from __future__ import annotations

from collections import Counter

import pytest

from stormdesk.understand.training.agreement import FIELDS, agreements, kappa, second_labels, table
from stormdesk.understand.training.sources import own_posts

RANGES: dict[str, set[str | int]] = {
    "complaint": {0, 1},
    "needs_reply": {0, 1},
    "scam": {0, 1},
    "urgency": {0, 1, 2, 3},
    "sentiment": {"negative", "neutral", "positive"},
}


def post(number: int, language: str = "en", **labels: str | int) -> dict[str, str | int]:
    ordinary = {"complaint": 0, "needs_reply": 0, "urgency": 0, "scam": 0, "sentiment": "neutral"}
    return {"id": f"p{number}", "lang": language, **ordinary, **labels}


def test_kappa_by_hand() -> None:
    # Equal in 3 of 4. Chance: 1/2 · 3/4 + 1/2 · 1/4 = 1/2. (3/4 - 1/2) / (1 - 1/2) = 1/2
    assert kappa([1, 1, 0, 0], [1, 1, 1, 0]) == pytest.approx(0.5)


def test_kappa_of_an_ordered_field_by_hand() -> None:
    # Squared distances seen: only 3 against 2, so 1 over 4 posts. By chance, each label against each of the other's:
    # 0 → 0+1+4+4, 1 → 1+0+1+1, 2 → 4+1+0+0, 3 → 9+4+1+1, together 32 over 16 pairs. 1 - (1/4) / (32/16) = 7/8
    assert kappa([0, 1, 2, 3], [0, 1, 2, 2], ordered=True) == pytest.approx(7 / 8)


def test_a_level_nobody_used_keeps_its_distance() -> None:
    # Seen 1/4. By chance 2 · (0+1+9+9) + 2 · (9+4+0+0) = 64 over 16 pairs. 1 - (1/4) / 4 = 15/16; 6/7 were 3 taken for 2
    assert kappa([0, 0, 3, 3], [0, 1, 3, 3], ordered=True) == pytest.approx(15 / 16)


def test_kappa_is_undefined_where_nobody_used_a_second_label() -> None:
    assert kappa([0, 0], [0, 0]) is None


def test_agreement_is_counted_by_language_and_field() -> None:
    first = [
        post(1, complaint=1),
        post(2, complaint=1),
        post(3),
        post(4),
        post(5, "ru"),
    ]
    second = [post(n, complaint=int(n < 4)) for n in range(1, 5)] + [post(5, urgency=2)]
    rows = {(row.language, row.field): row for row in agreements(first, second)}
    assert len(rows) == 2 * len(FIELDS)
    assert (rows["en", "complaint"].posts, rows["en", "complaint"].equal) == (4, 0.75)
    assert rows["en", "complaint"].kappa == pytest.approx(0.5)
    assert rows["ru", "urgency"].equal == 0
    assert "| en | complaint | 4 | 75.0 | 0.50 |" in table(rows.values())
    assert "| ru | scam | 1 | 100.0 | – |" in table(rows.values())


def test_a_second_label_without_a_post_is_an_error() -> None:
    with pytest.raises(KeyError):
        agreements([post(1)], [post(2)])


def test_every_second_label_belongs_to_one_post_and_is_in_range() -> None:
    second = second_labels()
    ids = [labels["id"] for labels in second]
    assert second
    assert len(ids) == len(set(ids))
    assert set(ids) <= {p["id"] for p in own_posts()}
    assert not [x["id"] for x in second if any(x[f] not in allowed for f, allowed in RANGES.items())]


def test_own_posts_keep_their_schema() -> None:
    posts = own_posts()
    ids = Counter(p["id"] for p in posts)
    assert not [i for i, times in ids.items() if times > 1]
    assert not [p["id"] for p in posts if any(p[f] not in allowed for f, allowed in RANGES.items())]
    assert not [p["id"] for p in posts if not str(p["text"]).strip()]
    languages = Counter(p["lang"] for p in posts)
    assert set(languages) == {"ru", "en"}
    assert languages["ru"] >= 1500
    assert languages["en"] >= 1000


def test_an_english_brand_stands_in_its_text() -> None:
    """Russian names are declined and may stand in another form."""
    odd = [
        p["id"]
        for p in own_posts()
        if p["lang"] == "en" and p.get("brand") and str(p["brand"]) not in str(p["text"])
    ]
    assert not odd


def test_one_text_twice_means_two_brands() -> None:
    """A comparison is written once and labelled toward each brand; any other repetition is a mistake."""
    brands: dict[str, list[object]] = {}
    for p in own_posts():
        brands.setdefault(str(p["text"]), []).append(p.get("brand"))
    assert not [text for text, named in brands.items() if len(set(named)) < len(named)]
