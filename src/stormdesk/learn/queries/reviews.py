"""What a review knows by itself: from the record, the mentions and the posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404

from stormdesk.coordinate import queries as coordinate
from stormdesk.coordinate.models import Task
from stormdesk.declare import queries as declare
from stormdesk.declare.models import Crisis, TeamMember
from stormdesk.detect.models import Alert
from stormdesk.journal.queries import Told, timeline
from stormdesk.learn.models import PreventiveMeasure, Review
from stormdesk.learn.rules import MeasureState
from stormdesk.learn.words import MEASURE_WORDS
from stormdesk.listen.models import Mention, Narrative
from stormdesk.listen.queries import counts, spreaders
from stormdesk.people.models import Brand
from stormdesk.publish import queries as publish
from stormdesk.publish.models import Post, Statement
from stormdesk.reply.models import Conversation, Line
from stormdesk.watch.queries import Over, Reaction, is_it_over, reaction


def reviews(brand: Brand) -> list[Review]:
    """All reviews, the open ones first."""
    rows = Review.objects.filter(brand=brand).select_related("crisis", "finished_by").order_by("-made_at")
    return sorted(rows, key=lambda review: review.finished_at is not None)


def review_of(crisis: Crisis) -> Review | None:
    """The review of a crisis, if it was opened."""
    return Review.objects.filter(crisis=crisis).select_related("brand", "crisis").first()


def measures_of(review: Review) -> list[tuple[PreventiveMeasure, str]]:
    """The measures of a review with their state in words."""
    rows = review.measures.select_related("owner").order_by("pk")
    return [(row, str(MEASURE_WORDS[MeasureState(row.state)])) for row in rows]


def open_measures(brand: Brand, today: date) -> list[PreventiveMeasure]:
    """Measures not yet done, the late ones first (`late` is set on each)."""
    rows = PreventiveMeasure.objects.filter(review__brand=brand, state=MeasureState.OPEN)
    found = list(rows.select_related("owner", "review__crisis").order_by("due_on", "pk"))
    for row in found:
        row.late = bool(row.due_on and row.due_on < today)  # type: ignore[attr-defined]  # for the page
    return found


def get_measure(brand: Brand, pk: int) -> PreventiveMeasure:
    """Raises Http404 for another brand's measure."""
    found = (
        PreventiveMeasure.objects.filter(review__brand=brand, pk=pk).select_related("review__brand").first()
    )
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Speed:
    """How long one thing took after another; None where it did not happen."""

    name: str
    took: timedelta | None


@dataclass(frozen=True)
class Facts:
    """Everything a review says without a person: from the record, the mentions and the posts."""

    crisis: Crisis
    until: datetime
    alert: Alert | None
    first_post: Mention | None
    first_amplifier: Mention | None
    narratives: list[Narrative]
    totals: dict[str, int]
    speeds: list[Speed]
    timeline: list[Told]
    reaction: Reaction
    over: Over
    statements: list[Statement]
    answered: int
    waiting: int
    median_answer: timedelta | None
    tasks_done: int
    tasks_late: int
    team: list[TeamMember]
    held: int
    on_the_wire: list[Post]

    @property
    def to_statement(self) -> timedelta | None:
        """From the first post to the first statement."""
        said = [row.published_at for row in self.statements if row.published_at]
        start = self.first_post.published_at if self.first_post else self.crisis.began_at
        return min(said) - start if said else None


def review_facts(crisis: Crisis, now: datetime) -> Facts:
    """The facts of a crisis up to its end, or to `now` while it goes on."""
    brand, until = crisis.brand, crisis.resolved_at or now
    told = timeline(brand, crisis=crisis.pk, limit=2000)
    during = Mention.objects.filter(
        brand=brand, published_at__gte=crisis.began_at, published_at__lt=until, about="brand"
    )
    narratives = list(
        Narrative.objects.filter(brand=brand, last_at__gte=crisis.began_at, first_at__lt=until).order_by(
            "-mentions"
        )[:8]
    )
    main = _main(crisis, narratives)
    of_main = during.filter(narrative=main) if main else during.filter(negative__gte=0.5)
    first = of_main.order_by("published_at").first()
    spread = spreaders(main) if main else []
    tasks = Task.objects.filter(crisis=crisis)
    answers = sorted(_answer_times(crisis, until))
    done = [task for task in tasks if task.state == "done"]
    return Facts(
        crisis=crisis,
        until=until,
        alert=crisis.alert,
        first_post=first,
        first_amplifier=spread[1].mention if len(spread) > 1 else None,
        narratives=narratives,
        totals=counts(brand, crisis.began_at, until),
        speeds=_speeds(crisis, told, first),
        timeline=told[::-1],
        reaction=reaction(crisis, now=now),  # it follows a resolved crisis for two hours by itself
        over=is_it_over(crisis, now=until),
        statements=publish.statements_of(crisis),
        answered=len(answers),
        waiting=Conversation.objects.filter(
            brand=brand, state="waiting", waits_since__gte=crisis.began_at
        ).count(),
        median_answer=answers[len(answers) // 2] if answers else None,
        tasks_done=len(done),
        tasks_late=sum(bool(task.due_at and task.done_at and task.done_at > task.due_at) for task in done)
        + coordinate.counts(crisis, until)["late"],
        team=declare.team(crisis),
        held=Post.objects.filter(
            brand=brand, hold_reason="pause", changed_at__gte=crisis.declared_at
        ).count(),
        on_the_wire=publish.on_the_wire(brand),
    )


def _main(crisis: Crisis, narratives: list[Narrative]) -> Narrative | None:
    """The story the crisis is about: the alert's, else the largest one that began with it."""
    if crisis.alert and crisis.alert.narrative:
        return crisis.alert.narrative
    began_with_it = [row for row in narratives if row.first_at >= crisis.began_at]
    return next(iter(began_with_it or narratives), None)


def _answer_times(crisis: Crisis, until: datetime) -> list[timedelta]:
    """From a person's post to the first answer, for every conversation answered during the crisis."""
    lines = (
        Line.objects.filter(conversation__brand=crisis.brand, at__gte=crisis.began_at, at__lt=until)
        .order_by("conversation", "at")
        .values_list("conversation", "direction", "at")
    )
    waits: dict[int, datetime] = {}
    took: dict[int, timedelta] = {}
    for conversation, direction, at in lines:
        if direction == "in":
            waits.setdefault(conversation, at)
        elif conversation in waits and conversation not in took:
            took[conversation] = at - waits[conversation]
    return list(took.values())


def _speeds(crisis: Crisis, told: list[Told], first: Mention | None) -> list[Speed]:
    """The clock of the response: names are keys, put into words by the page."""
    moments: dict[str, datetime] = {}
    for row in reversed(told):
        moments.setdefault(row.kind, row.at)
    noticed = crisis.alert.noticed_at if crisis.alert else None
    declared, start = crisis.declared_at, first.published_at if first else crisis.began_at

    def after(since: datetime | None, until: datetime | None) -> timedelta | None:
        return until - since if since and until and until >= since else None

    return [
        Speed("noticed", after(start, noticed)),
        Speed("acknowledged", after(noticed, crisis.alert.acknowledged_at if crisis.alert else None)),
        Speed("declared", after(noticed or start, declared)),
        Speed("paused", after(declared, moments.get("pause.in_force") or moments.get("pause.started"))),
        Speed("first_statement", after(declared, moments.get("statement.published"))),
        Speed("contained", after(declared, crisis.contained_at)),
        Speed("resolved", after(declared, crisis.resolved_at)),
    ]
