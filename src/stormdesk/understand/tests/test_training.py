from collections import Counter

import numpy as np

from stormdesk.understand.head import MODELS, Head, shipped
from stormdesk.understand.network import Network
from stormdesk.understand.reading import SENTIMENTS, prepare
from stormdesk.understand.training import fit, perceptron
from stormdesk.understand.training.recipes import RECIPES, YES, Recipe
from stormdesk.understand.training.sources import NEEDS, Example, own, own_posts

SHIPPED = sorted(path.stem for path in MODELS.glob("*.npz") if path.stem not in {"network", "common"})


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


def test_training_gives_the_same_bytes_again(tmp_path) -> None:
    examples = own("scam")[:300]
    recipe = Recipe(lambda _: examples, YES, buckets=1 << 12)
    folds, truth = np.array([e.fold for e in examples]), fit.truth_of(examples, YES)
    for name in ("first", "second"):
        head, scores = fit.fit(examples, YES, folds, recipe)
        fit.calibrate(head, scores, truth, np.ones(len(truth))).save(tmp_path / name)
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()


def test_the_network_learns_and_gives_the_same_numbers_again(tmp_path) -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(400, 20)).astype(np.float16)
    answers = ["yes" if row[3] > 0 else "no" for row in vectors]
    asked = {"odd": [(i, Example(str(i), answer)) for i, answer in enumerate(answers)]}
    networks = [perceptron.train(vectors, asked, epochs=30) for _ in range(2)]
    assert np.array_equal(networks[0].weights, networks[1].weights)
    networks[0].save(tmp_path / "network.npz")
    for network in (networks[0], Network.read(tmp_path / "network.npz")):
        said = network.answers(network.hidden(vectors.astype(np.float32)), "odd", ("yes",))[:, 0] > 0
        assert (said == (np.array(answers) == "yes")).mean() > 0.9


def test_copies_stay_on_one_side_of_a_fold() -> None:
    posts = ["Верните деньги! https://a.ru/1", "верните  деньги https://b.ru", "@bank Верните, деньги"]
    assert len({Example(text, "yes").fold for text in posts}) == 1
    assert len({Example(f"пост {letter}", "yes").fold for letter in "абвгдежзик"}) > 1


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
