from collections import Counter

import numpy as np

from stormdesk.understand.head import MODELS, Head, shipped
from stormdesk.understand.reading import SENTIMENTS, prepare
from stormdesk.understand.training.recipes import RECIPES
from stormdesk.understand.training.sources import NEEDS, own_posts

SHIPPED = sorted(path.stem for path in MODELS.glob("*.npz") if path.stem != "network")


def test_every_head_is_small_and_reads_without_pickle() -> None:
    assert sorted(RECIPES) == SHIPPED
    for name in SHIPPED:
        assert (MODELS / f"{name}.npz").stat().st_size < 1_000_000
        p = shipped(name).score(prepare(["привет", "hello", ""]).grams).probabilities
        assert np.isfinite(p).all()


def test_saving_keeps_a_head_whole(tmp_path) -> None:
    weights = np.random.default_rng(1).normal(size=(64, 3))
    head = Head.quantised(SENTIMENTS, weights, np.array([0.1, 0.0, -0.1]))
    head.save(tmp_path / "head.npz")
    same = Head.read(tmp_path / "head.npz")
    found = prepare(["одно", "two words"]).grams
    assert same.labels == SENTIMENTS
    assert np.allclose(same.score(found).probabilities, head.score(found).probabilities, atol=1e-6)
    assert np.allclose(same.weights * same.unit, weights, atol=same.unit.max() / 2 + 1e-6)


def test_own_posts_are_labelled_by_the_rules() -> None:
    posts = own_posts()
    # One text may stand twice, for two brands.
    assert Counter((post["text"], post.get("brand")) for post in posts).most_common(1)[0][1] == 1
    for post in posts:
        assert {"lang", "text", "sentiment", *NEEDS} <= set(post)
        assert post["sentiment"] in SENTIMENTS
        assert post["urgency"] in range(4)
        # A complaint is never a scam.
        assert not (post["complaint"] and post["scam"]), post
