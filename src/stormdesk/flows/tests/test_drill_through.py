"""A drill from its button to its review, with every job that has a part in it and a clock that is moved by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from stormdesk.accounts.queries import accounts_of
from stormdesk.declare.rules import MeasureKind
from stormdesk.detect.actions import acknowledge_alert, score_brand
from stormdesk.detect.models import Alert
from stormdesk.flows.declare_crisis import declare_crisis
from stormdesk.flows.stand_down import stand_down
from stormdesk.flows.start_drill import start_drill
from stormdesk.learn import export, feeding
from stormdesk.learn.models import Drill, Review
from stormdesk.learn.queries import review_facts, score_of, story_second
from stormdesk.learn.rules import DrillState
from stormdesk.listen.actions import poll_sources
from stormdesk.listen.models import Mention
from stormdesk.publish import outbox
from stormdesk.publish.actions import (
    add_fact,
    edit_statement,
    publish_statement_posts,
    send_statement_for_review,
)
from stormdesk.publish.models import Post, Statement
from stormdesk.reply.actions import answer, open_conversations
from stormdesk.reply.models import Conversation

BEGINS = datetime(2026, 11, 17, 9, 2, tzinfo=UTC)
SPEED = 18


class Desk:
    """Everything that runs beside people while a drill goes on."""

    def __init__(self, drill: Drill, traveller: time_machine.Traveller) -> None:
        self.drill, self.traveller, self.now = drill, traveller, BEGINS

    @property
    def story_minutes(self) -> float:
        return (story_second(self.drill, self.now) - 86_400) / 60

    def until_alert(self, *, minutes: int) -> Alert:
        """Wait for the storm to be noticed, at most so many minutes of the story."""
        while self.story_minutes < minutes:
            self.wait(30)
            if alert := Alert.objects.filter(brand=self.drill.brand, source=None).first():
                return alert
        raise AssertionError(f"no alert in {minutes} minutes of the story")

    def wait(self, seconds: int) -> None:
        """Let time pass and every job do its part."""
        self.now += timedelta(seconds=seconds)
        self.traveller.move_to(self.now, tick=False)
        feeding.feed(now=self.now)
        poll_sources(self.now)
        score_brand(brand=self.drill.brand, now=self.now)
        feeding.play_colleagues(now=self.now)
        open_conversations(now=self.now)
        outbox.run_once(self.now, "one")
        outbox.confirm_pauses(self.now)
        self.drill.refresh_from_db()


@pytest.fixture
def desk_of(transactional_db, make_person, settings, tmp_path):
    """`desk_of("ru")` → a drill that has just begun, and its first minute."""
    settings.DATA = tmp_path
    traveller = time_machine.travel(BEGINS, tick=False)
    clock = traveller.start()

    def begin(language: str) -> tuple[Desk, object]:
        owner = make_person("Anna Orlova", is_administrator=True)
        drill = start_drill(name="faulty_batch", language=language, by=owner, now=BEGINS, speed=SPEED)
        return Desk(drill, clock), owner

    yield begin
    traveller.stop()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_quiet_day_is_heard_before_it_begins_and_the_storm_is_noticed(desk_of, language):
    desk, _owner = desk_of(language)
    brand = desk.drill.brand
    start = desk.drill.story_start
    day_before = Mention.objects.filter(brand=brand, published_at__lt=start)
    assert day_before.count() > 450
    assert day_before.filter(published_at__lt=start - timedelta(hours=18)).exists()
    assert not day_before.filter(waits=True).exists()
    score_brand(brand=brand, now=desk.now)
    assert not Alert.objects.filter(brand=brand).exists()

    alert = desk.until_alert(minutes=190)
    assert alert.kind != "blind"
    assert alert.posts.count() == 5


def test_from_the_alert_to_the_review(desk_of):
    desk, anna = desk_of("ru")
    brand = desk.drill.brand
    assert Post.objects.filter(brand=brand, state="scheduled").count() == 4

    alert = desk.until_alert(minutes=190)
    acknowledge_alert(alert=alert, by=anna, now=desk.now)
    crisis = declare_crisis(
        brand=brand,
        by=anna,
        now=desk.now,
        title="Партия 1107",
        type="faulty_product",
        severity=2,
        lead=anna,
        reason="Пишут о вздувшихся крышках",
        alert=alert,
        measures=list(MeasureKind),
    )
    states = {measure.kind: (measure.state, measure.problem) for measure in crisis.measures.all()}
    assert states == {str(kind): ("done", "") for kind in MeasureKind}
    assert marks(desk)["acknowledge_alert"] == marks(desk)["declare"] == marks(desk)["pause"] == "done"

    # the statement of the template is filled in; the colleagues played by Stormdesk approve it
    add_fact(crisis=crisis, by=anna, now=desk.now, text="Вздулась партия 1107", source="журнал смены")
    statement = Statement.objects.get(brand=brand)
    promised = desk.now + timedelta(minutes=6)
    statement = edit_statement(
        statement=statement,
        by=anna,
        now=desk.now,
        title=statement.title,
        text=filled(statement.text, promised),
        short_text=filled(statement.short_text, promised),
        promise_at=promised,
    )
    send_statement_for_review(statement=statement, by=anna, now=desk.now)
    desk.wait(10)
    statement.refresh_from_db()
    assert statement.state == "review"
    desk.wait(20)
    statement.refresh_from_db()
    assert statement.state == "approved"
    publish_statement_posts(statement=statement, accounts=accounts_of(brand), by=anna, now=desk.now)
    desk.wait(5)
    assert Post.objects.get(brand=brand, statement=statement).state == "sent"
    assert marks(desk)["first_statement"] == "done"

    # people are answered one by one, and the promos wait for the pause to end
    before = score_of(desk.drill, desk.now).got
    for conversation in Conversation.objects.filter(brand=brand, state="waiting").order_by("-waits_since")[
        :12
    ]:
        answer(
            conversation=conversation,
            by=anna,
            now=desk.now,
            text=f"{conversation.handle}, простите нас. Пришлите фото крышки, вернём деньги без чека.",
        )
        desk.wait(1)
    for _minute in range(8):
        desk.wait(60)
    score = score_of(desk.drill, desk.now)
    by_key = {mark.key: mark for mark in score.marks}
    assert by_key["answer_people"].done == 12
    assert by_key["nothing_cheerful"].state == "done"
    assert Post.objects.filter(brand=brand, state="held", hold_reason="pause").count() >= 2
    assert score.got > before

    stand_down(crisis=crisis, to="resolved", by=anna, now=desk.now, reason="Утихло", give_rights_back=True)
    review = Review.objects.get(crisis=crisis)
    facts = review_facts(crisis, desk.now)
    took = {speed.name: speed.took for speed in facts.speeds}
    assert took["declared"] < timedelta(minutes=5)
    assert took["first_statement"] < timedelta(minutes=2)
    assert facts.answered >= 12
    assert facts.first_post
    assert facts.narratives
    assert {effect.marks[0].kind for effect in facts.reaction.effects} <= {"statement.published", "post.sent"}
    assert "вздувш" in export.html(review, desk.now).lower()

    for _quarter in range(4):
        desk.wait(8 * 60)
    assert desk.drill.state == DrillState.ENDED
    assert desk.drill.score["got"] == sum(mark["got"] for mark in desk.drill.score["marks"])
    assert desk.drill.score["whole"] == 100


def marks(desk: Desk) -> dict[str, str]:
    return {mark.key: mark.state for mark in score_of(desk.drill, desk.now).marks}


def filled(text: str, promised: datetime) -> str:
    known = {"next_word_at": f"{promised:%H:%M}", "contact": "сообщения этой страницы", "batch": "1107"}
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda blank: known.get(blank[1], "пьём йогурт и проверяем"), text)
