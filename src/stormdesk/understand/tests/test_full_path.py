"""The full path: the sentence encoder joins, and its absence is no error."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.understand import Text, encoder, read
from stormdesk.understand.tests.test_hostile_text import BAIT, any_text, awkward, sound

installed = pytest.mark.skipif(not encoder.available(), reason="the sentence encoder is not installed")


@pytest.fixture
def forget_encoder():
    encoder._loaded.cache_clear()
    yield
    encoder._loaded.cache_clear()


def test_without_the_encoder_posts_are_read_the_light_way(monkeypatch, forget_encoder) -> None:
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    reading = read([Text("1", "Спасибо, всё отлично")], path="full")[0]
    assert reading == read([Text("1", "Спасибо, всё отлично")], path="light")[0]
    assert reading.path == "light"


def test_other_weights_are_not_used(monkeypatch, forget_encoder) -> None:
    monkeypatch.setattr(encoder, "_SHA256", dict.fromkeys(encoder._SHA256, "0" * 64))
    assert encoder.encoder() is None
    assert read([Text("1", "x")], path="full")[0].path == "light"


@installed
def test_the_full_path_says_so_and_keeps_its_reasons() -> None:
    reading = read([Text("1", "Отвратительный сервис, верните деньги!")], path="full")[0]
    assert reading.path == "full"
    assert reading.sentiment["negative"] > 0.6
    assert any("отврат" in word for word in reading.reasons["sentiment"])


@installed
def test_words_of_one_meaning_are_near() -> None:
    model = encoder.encoder()
    vectors = model.encode(["где мой заказ", "where is my order", "the weather is lovely"])[:, -512:]
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]


@installed
@settings(max_examples=30, deadline=None)
@given(st.lists(any_text | awkward, min_size=1, max_size=5))
def test_any_text_is_encoded_and_read(posts: list[str]) -> None:
    assert np.isfinite(encoder.encoder().encode(posts)).all()
    readings = read([Text(str(i), text, brand=text[:4]) for i, text in enumerate(posts)], path="full")
    assert all(map(sound, readings))


@installed
@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT.keys())
def test_bait_is_read_in_full(bait: str) -> None:
    assert sound(read([Text("1", bait, brand=bait[:20])], path="full")[0])


@installed
def test_a_text_reads_the_same_alone_and_in_company() -> None:
    posts = [
        Text(str(i), text, brand="Гудок")
        for i, text in enumerate(["Гудок молчит", "а Сота отвечает", "", "ok"])
    ]
    together = read(posts, path="full")
    for post, reading in zip(posts, together, strict=True):
        assert read([post], path="full")[0].sentiment == pytest.approx(reading.sentiment, abs=1e-4)


@pytest.mark.parametrize("wanted", [None, "2"])
def test_numpy_keeps_to_one_thread_unless_told_otherwise(wanted: str | None) -> None:
    """Two threads of small products cost four times the processor time of one."""
    world = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    program = (
        "import os, stormdesk.understand\nfrom threadpoolctl import threadpool_info\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])\n"
        "print(max((pool['num_threads'] for pool in threadpool_info()), default=1))"
    )
    told = {"OPENBLAS_NUM_THREADS": wanted} if wanted else {}
    said, used = subprocess.run(
        [sys.executable, "-c", program], env=world | told, capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == (wanted or "1")
    assert int(used) <= int(said)
