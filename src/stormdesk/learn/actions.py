"""Reviews that fill themselves, preventive measures, and the life of a drill."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict, Refused
from stormdesk.declare.models import Crisis
from stormdesk.journal.actions import announce, record
from stormdesk.learn.models import Drill, PreventiveMeasure, Review
from stormdesk.learn.rules import DrillState, MeasureState
from stormdesk.learn.words import QUESTIONS
from stormdesk.people.access import may, require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def open_review(*, crisis: Crisis, by: User, now: datetime) -> Review:
    """The review of a crisis; its facts are read from the record each time, so nothing is copied. Opened once."""
    require(by, Right.REVIEW, crisis.brand)
    with transaction.atomic():
        review, is_new = Review.objects.get_or_create(
            crisis=crisis, defaults={"brand": crisis.brand, "made_at": now, "changed_at": now}
        )
        if is_new:
            record(
                "review.opened",
                brand=crisis.brand,
                by=by,
                now=now,
                subject=f"review:{review.pk}",
                crisis=crisis.pk,
                facts={"title": crisis.title},
            )
            announce(crisis.brand, "reviews", now=now)
    return review


def answer_questions(*, review: Review, by: User, now: datetime, answers: dict[str, str]) -> None:
    """What only people know: why. Each answer keeps until it is written anew."""
    require(by, Right.REVIEW, review.brand)
    if unknown := set(answers) - set(QUESTIONS):
        raise BadInput(_("There is no question %(name)s in a review.") % {"name": sorted(unknown)[0]})
    with transaction.atomic():
        locked = Review.objects.select_for_update().get(pk=review.pk)
        if locked.finished_at:
            raise Refused(_("This review is finished, so its answers stay as they are. Nothing was changed."))
        changed = {
            key: text.strip()[:5000]
            for key, text in answers.items()
            if locked.answers.get(key, "") != text.strip()
        }
        if not changed:
            return
        locked.answers = {**locked.answers, **changed}
        locked.changed_at = now
        locked.save(update_fields=["answers", "changed_at"])
        review.answers, review.changed_at = locked.answers, now
        record(
            "review.answered",
            brand=review.brand,
            by=by,
            now=now,
            subject=f"review:{review.pk}",
            crisis=review.crisis_id,
            facts={"count": len(changed)},
        )


def finish_review(*, review: Review, by: User, now: datetime) -> None:
    """Nothing more to add. Raises Conflict when somebody was faster."""
    require(by, Right.REVIEW, review.brand)
    with transaction.atomic():
        if not Review.objects.filter(pk=review.pk, finished_at__isnull=True).update(
            finished_at=now, finished_by=by
        ):
            raise Conflict(_("Somebody finished this review a moment ago."))
        record(
            "review.finished",
            brand=review.brand,
            by=by,
            now=now,
            subject=f"review:{review.pk}",
            crisis=review.crisis_id,
            facts={},
        )
        announce(review.brand, "reviews", now=now)


def add_measure(
    *,
    review: Review,
    by: User,
    now: datetime,
    text: str,
    owner: User | None = None,
    due_on: date | None = None,
) -> PreventiveMeasure:
    """What will be done so that it does not happen again. Raises BadInput, Refused."""
    require(by, Right.REVIEW, review.brand)
    if not text.strip():
        raise BadInput(_("Write what will be different, so that one can see whether it is."))
    if owner and not may(owner, Right.SEE, review.brand):
        raise Refused(_("That person does not work for this brand. Invite them first, under People."))
    with transaction.atomic():
        measure = PreventiveMeasure.objects.create(
            review=review, text=text.strip()[:300], owner=owner, due_on=due_on
        )
        record(
            "measure.added",
            brand=review.brand,
            by=by,
            now=now,
            subject=f"measure:{measure.pk}",
            crisis=review.crisis_id,
            facts={"text": measure.text, "owner": str(owner or "—")},
        )
    return measure


def settle_measure(*, measure: PreventiveMeasure, by: User, now: datetime, state: str) -> None:
    """Done, or dropped, or open again."""
    brand = measure.review.brand
    require(by, Right.REVIEW, brand)
    chosen = MeasureState(state)
    with transaction.atomic():
        if not PreventiveMeasure.objects.filter(pk=measure.pk, state=measure.state).update(
            state=chosen, done_at=now if chosen == MeasureState.DONE else None
        ):
            raise Conflict(_("Somebody changed this measure a moment ago."))
        record(
            f"measure.{chosen}",
            brand=brand,
            by=by,
            now=now,
            subject=f"measure:{measure.pk}",
            crisis=measure.review.crisis_id,
            facts={"text": measure.text},
        )


def open_drill(
    *, brand: Brand, name: str, language: str, by: User, now: datetime, speed: int, story_start: datetime
) -> Drill:
    """The row of a drill whose storm begins at `story_start`; what is said in it is told by a job. Raises BadInput."""
    require(by, Right.REVIEW, brand)
    if not 1 <= speed <= 100:
        raise BadInput(_("Choose a speed from 1 to 100."))
    with transaction.atomic():
        drill = Drill.objects.create(
            brand=brand,
            name=name,
            language=language,
            speed=speed,
            started_by=by,
            started_at=now,
            story_start=story_start,
        )
        record(
            "drill.started", brand=brand, by=by, now=now, subject=f"drill:{drill.pk}", facts={"name": name}
        )
    return drill


def note_fed(*, drill: Drill, until: int, now: datetime) -> None:
    """How far the story has been told, in its own seconds."""
    Drill.objects.filter(pk=drill.pk, fed_until__lt=until).update(fed_until=until)
    announce(drill.brand, "drill", now=now)


def end_drill(*, drill: Drill, by: User | None, now: datetime, score: dict) -> None:
    """Stop the clock and keep the score."""
    require(by, Right.REVIEW, drill.brand)
    with transaction.atomic():
        if not Drill.objects.filter(pk=drill.pk, state=DrillState.RUNNING).update(
            state=DrillState.ENDED, ended_at=now, score=score
        ):
            raise Conflict(_("This drill has ended already."))
        record(
            "drill.ended",
            brand=drill.brand,
            by=by,
            now=now,
            subject=f"drill:{drill.pk}",
            facts={"got": score.get("got", 0), "of": score.get("of", 0)},
        )
        announce(drill.brand, "drill", now=now)
