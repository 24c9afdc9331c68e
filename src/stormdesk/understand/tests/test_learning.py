"""A brand's own head, learnt from people's labels."""

from datetime import UTC, datetime

import pytest

from stormdesk.understand import BrandHeads, Label, Text, learn, read

AT = datetime(2026, 1, 31, tzinfo=UTC)
# This brand's people call «огонь» praise and «норм» nothing; no general head can know.
POSTS = [
    (f"кудрявый апдейт номер {n} {word}", value)
    for n in range(30)
    for word, value in (("опять зелёненький", "negative"), ("снова пурпурный", "positive"))
]


def labels(posts=POSTS) -> list[Label]:
    return [
        Label(Text(str(i), text, brand="Икс"), "sentiment", value) for i, (text, value) in enumerate(posts)
    ]


@pytest.fixture(scope="module")
def learnt() -> BrandHeads:
    return learn(labels(), AT, paths=["light"])


def test_what_people_taught_is_read(learnt: BrandHeads) -> None:
    posts = [Text("1", "зелёненький экран", brand="Икс"), Text("2", "зелёненький экран", brand="Игрек")]
    own, other = read(posts, heads={"Икс": learnt})
    general = read(posts)[0]
    assert own.sentiment["negative"] > 0.6 > general.sentiment["negative"]
    assert "зелененький" in own.reasons["sentiment"]
    assert other.sentiment == pytest.approx(general.sentiment)
    assert sum(own.sentiment.values()) == pytest.approx(1)


def test_the_history_is_dated_and_grows(learnt: BrandHeads) -> None:
    assert len(learnt.history) == 1
    trial = learnt.history[0]
    assert (trial.at, trial.field, trial.labels, trial.better) == (AT.isoformat(), "sentiment", 60, True)
    assert trial.own > 0.9 > trial.general
    later = learn(labels(), AT.replace(month=3), learnt, ["light"])
    assert [t.at[:7] for t in later.history] == ["2026-01", "2026-03"]


def test_bytes_keep_everything(learnt: BrandHeads) -> None:
    same = BrandHeads.load(learnt.dump())
    assert same.history == learnt.history
    post = [Text("1", "снова пурпурный", brand="Икс")]
    assert read(post, heads={"Икс": same})[0].sentiment == pytest.approx(
        read(post, heads={"Икс": learnt})[0].sentiment, abs=0.02
    )


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04."])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the saved heads"):
        BrandHeads.load(data)


def test_labels_that_confirm_what_is_read_change_nothing() -> None:
    posts = [text for text, _ in POSTS[:40]] + ["спасибо, отлично"] * 10
    read_as = [
        max(r.sentiment, key=r.sentiment.__getitem__)
        for r in read([Text("", text, brand="Икс") for text in posts])
    ]
    learnt = learn(labels(list(zip(posts, read_as, strict=True))), AT, paths=["light"])
    assert not learnt.heads
    assert not learnt.history[0].better


def test_a_dozen_labels_teach_nothing() -> None:
    assert learn(labels(POSTS[:12]), AT) == BrandHeads()


def test_what_is_no_label_is_refused() -> None:
    with pytest.raises(ValueError, match="“good” is no label of sentiment"):
        learn(labels([(t, "good") for t, _ in POSTS]), AT)
