from datetime import UTC, datetime, timedelta

from stormdesk.understand.copying import (
    BURST,
    FEW_POSTS,
    MADE_TOGETHER,
    SAME_LINK,
    SAME_TEXT,
    YOUNG_ACCOUNT,
    Coordination,
    Copy,
    coordination,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALL = "Лукошко травит детей просрочкой, требуем закрыть магазины"


def people(count: int) -> list[Copy]:
    """Different people, in their own words, over hours, with old accounts."""
    return [
        Copy(f"person{i}", f"история номер {i} о том как меня обманули {i * 7919}", NOON + timedelta(minutes=37 * i),
             NOON - timedelta(days=400 + 13 * i))
        for i in range(count)
    ]  # fmt: skip


def copiers(count: int, made: datetime | None) -> list[Copy]:
    return [
        Copy(f"new{i}", CALL + "!" * (i % 3), NOON + timedelta(seconds=20 * i), made) for i in range(count)
    ]


def test_many_people_are_not_suspected() -> None:
    assert coordination(people(30)) == Coordination(0.0, 0.0, 30, {})


def test_young_accounts_with_one_text_within_minutes_are() -> None:
    found = coordination(people(30) + copiers(10, NOON - timedelta(days=2)))
    assert found.low == found.high == 0.25
    assert found.signs == {SAME_TEXT: 10, YOUNG_ACCOUNT: 10, MADE_TOGETHER: 10}


def test_without_dates_of_accounts_the_range_is_wider() -> None:
    found = coordination(people(30) + copiers(10, None))
    assert (found.low, found.high) == (0.0, 0.25)


def test_the_same_text_over_days_is_how_news_spreads() -> None:
    slow = [Copy(f"p{i}", CALL, NOON + timedelta(hours=i)) for i in range(20)]
    assert coordination(slow).high == 0


def test_one_link_by_many_and_one_account_many_times() -> None:
    linked = [
        Copy(f"l{i}", f"{i} смотрите все сюда {i * 31}", NOON, None, ("http://x.example/1",))
        for i in range(5)
    ]
    found = coordination(linked + [Copy("loud", f"слово {i}", NOON + timedelta(minutes=i)) for i in range(5)])
    assert found.signs == {SAME_LINK: 5, BURST: 5}


def test_a_young_account_alone_is_nothing() -> None:
    young = [Copy(p.author, p.text, p.at, p.at - timedelta(days=1 + i)) for i, p in enumerate(people(10))]
    assert coordination(young).high == 0


def test_of_few_posts_nothing_can_be_said() -> None:
    found = coordination(copiers(3, None))
    assert (found.low, found.high) == (0.0, 1.0)
    assert coordination([]) == Coordination(0.0, 0.0, 0, {})


def test_of_a_few_posts_nothing_can_be_said():
    few = coordination(people(FEW_POSTS - 1))
    assert (few.low, few.high) == (0.0, 1.0)
