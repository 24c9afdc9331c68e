"""What a review knows by itself, and how a drill stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.http import Http404

from stormdesk import networks
from stormdesk.accounts.queries import accounts_of
from stormdesk.coordinate import queries as coordinate
from stormdesk.coordinate.models import Task
from stormdesk.declare import queries as declare
from stormdesk.declare.models import Crisis
from stormdesk.detect.models import Alert
from stormdesk.journal.models import Entry
from stormdesk.journal.queries import Told, timeline
from stormdesk.learn import drills
from stormdesk.learn.models import Drill, PreventiveMeasure, Review
from stormdesk.learn.rules import Answered, DrillState, Expected, Happened, Mark, MeasureState, score, total
from stormdesk.learn.words import MEASURE_WORDS
from stormdesk.listen.models import Mention, Narrative
from stormdesk.listen.queries import counts, spreaders
from stormdesk.people.models import Brand
from stormdesk.publish import queries as publish
from stormdesk.publish.models import Post, Statement
from stormdesk.publish.rules import PostKind, PostState
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
        row.late = bool(row.due_on and row.due_on < today)  # type: ignore[attr-defined]
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
    team: list
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


# drills


def running_drills() -> list[Drill]:
    """Drills whose story is being told."""
    return list(Drill.objects.filter(state=DrillState.RUNNING).select_related("brand"))


def drill_of(brand: Brand) -> Drill | None:
    """The drill this brand was made for."""
    return Drill.objects.filter(brand=brand).select_related("brand", "started_by").first()


def drills_of(brands: list[Brand]) -> list[Drill]:
    """Drills at these brands, newest first."""
    return list(Drill.objects.filter(brand__in=brands).select_related("brand").order_by("-started_at"))


def story_second(drill: Drill, now: datetime) -> int:
    """How far the story has come at `now`, in its own seconds; the quiet day is over when a drill begins."""
    start = drills.truth(drill.language, drill.name).starts_at_seconds
    end = min(now, drill.ended_at) if drill.ended_at else now
    return start + int((end - drill.story_start).total_seconds() * drill.speed)


def moment_of(drill: Drill, offset: int) -> datetime:
    """When a second of the story is: the quiet day lies in the past at its own pace, the storm runs at the drill's."""
    start = drills.truth(drill.language, drill.name).starts_at_seconds
    after = offset - start
    return drill.story_start + timedelta(seconds=after / drill.speed if after > 0 else after)


def first_statement_at(drill: Drill) -> datetime | None:
    """When the team first said something officially."""
    row = (
        Entry.objects.filter(brand=drill.brand, kind="statement.published")
        .order_by("at")
        .values_list("at", flat=True)
    )
    return row.first()


def to_first_statement(drill: Drill) -> timedelta | None:
    """From the declaration to the first statement; None while either is missing."""
    declared = Entry.objects.filter(brand=drill.brand, kind="crisis.declared").order_by("at").first()
    said = first_statement_at(drill)
    return said - declared.at if declared and said else None


@dataclass(frozen=True)
class DrillScore:
    """Marks of a drill; `got` of `of` points whose time has come, `whole` in all."""

    marks: list[Mark]
    got: int
    of: int
    whole: int

    @property
    def ahead(self) -> int:
        """Points whose time has not come."""
        return self.whole - self.of

    def as_dict(self) -> dict:
        """JSON, to be kept when the drill ends."""
        marks = [
            {
                **asdict(mark),
                "at": mark.at.isoformat() if mark.at else None,
                "due": mark.due.isoformat() if mark.due else None,
            }
            for mark in self.marks
        ]
        return {"marks": marks, "got": self.got, "of": self.of, "whole": self.whole}


def kept_score(drill: Drill) -> DrillScore:
    """The score a drill ended with."""

    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    kept = drill.score
    marks = [
        Mark(**{**mark, "at": moment(mark["at"]), "due": moment(mark["due"])})
        for mark in kept.get("marks", ())
    ]
    return DrillScore(marks, kept.get("got", 0), kept.get("of", 0), kept.get("whole", 0))


def score_of(drill: Drill, now: datetime) -> DrillScore:
    """How the team stands, by the record. Times allowed shrink with the drill's speed, to no less than two minutes."""
    happened, after = _happened(drill)
    truth = drills.truth(drill.language, drill.name)

    def allowed(seconds: int | None) -> timedelta | None:
        if seconds is None:
            return None
        return max(timedelta(minutes=2), timedelta(seconds=seconds / drill.speed)) if seconds else timedelta()

    expected = [
        Expected(
            action.key,
            action.title,
            action.points,
            after(action.after),
            allowed(action.within_seconds),
            action.count,
            action.share,
        )
        for action in truth.actions
    ]
    marks = score(expected, happened, now)
    got, of = total(marks)
    return DrillScore(marks, got, of, sum(mark.points for mark in marks))


def _happened(drill: Drill) -> tuple[Happened, Callable[[str], datetime | None]]:
    """What the team did, and a function from the truth's `after` to a moment."""
    brand, truth = drill.brand, drills.truth(drill.language, drill.name)
    story = drills.story(drill.language, drill.name)
    first: dict[str, datetime] = {}
    for kind, at in Entry.objects.filter(brand=brand).order_by("sequence").values_list("kind", "at"):
        first.setdefault(kind, at)
    declared = first.get("crisis.declared")
    published = list(
        Statement.objects.filter(brand=brand, published_at__isnull=False).order_by("published_at")
    )
    sent = list(
        Post.objects.filter(brand=brand, state=PostState.SENT).exclude(sent_at=None).order_by("sent_at")
    )
    words = {narrative.key: narrative.words for narrative in truth.narratives}
    facts = {fact.key: moment_of(drill, fact.offset_seconds) for fact in story.facts}
    posts = drills.schedule(drill.language, name=drill.name)
    keyed = {post.key: moment_of(drill, post.offset_seconds) for post in posts if post.key}
    promises = [
        (task.due_at, task.done_at)
        for task in Task.objects.filter(brand=brand, kind="promise").order_by("due_at")
        if task.due_at
    ]

    def after(name: str) -> datetime | None:
        if name == "alert":
            return first.get("alert.noticed")
        if name == "declared":
            return declared
        if name == "promise":
            return promises[0][0] if promises else None
        prefix, _colon, key = name.partition(":")
        return facts.get(key) if prefix == "fact" else keyed.get(key) if prefix == "key" else None

    def spoke_of(narrative: str, since: datetime | None) -> datetime | None:
        """The first thing the team said in public that names the narrative's words."""
        for post in sent:
            if (since and post.sent_at < since) or post.visibility != "public":
                continue
            if any(word.lower() in post.text.lower() for word in words.get(narrative, ())):
                return post.sent_at
        return None

    moments = {
        "acknowledge_alert": first.get("alert.acknowledged") or declared,
        "declare": declared,
        "pause": first.get("pause.started"),
        "lock": first.get("lockdown.started"),
        "first_statement": published[0].published_at if published else None,
        "hub_statement": published[1].published_at if len(published) > 1 else None,
        "promise_kept": promises[0][1] if promises else None,
        "warn_scam": spoke_of("refund_site", keyed.get("scam")),
        "refute_rumour": spoke_of("hospital", facts.get("hospital")),
    }
    cheerful = declared is not None and any(
        post.kind == PostKind.POST and post.sent_at >= declared for post in sent
    )
    health, journalists = _answered(drill, posts)
    return (
        Happened(
            moments={key: at for key, at in moments.items() if at},
            answers={"answer_health": health, "answer_journalists": journalists},
            counts={"answer_people": sum(post.kind == PostKind.REPLY for post in sent)},
            broken=frozenset({"nothing_cheerful"} if cheerful else ()),
        ),
        after,
    )


def _answered(drill: Drill, posts: Sequence[drills.DrillPost]) -> tuple[list[Answered], list[Answered]]:
    """For each post about health, and each journalist's: until when, and when it was answered."""
    wanted = [post for post in posts if (post.health or post.deadline_seconds) and post.copy_of is None]
    start = drills.truth(drill.language, drill.name).starts_at_seconds
    wanted = [post for post in wanted if post.offset_seconds >= start]
    native = asyncio.run(
        _native_ids(accounts_of(drill.brand)[0].settings, [post.native_id for post in wanted])
    )
    answers: dict[str, datetime] = {}
    mentions = {
        line.conversation_id: line.mention.native_id
        for line in Line.objects.filter(
            conversation__brand=drill.brand, mention__native_id__in=native.values()
        ).select_related("mention")
    }
    for conversation, at in (
        Line.objects.filter(conversation__in=mentions, direction="out")
        .order_by("at")
        .values_list("conversation", "at")
    ):
        answers.setdefault(mentions[conversation], at)
    health, journalists = [], []
    for post in wanted:
        said = moment_of(drill, post.offset_seconds)
        at = answers.get(native.get(post.native_id, ""))
        if post.deadline_seconds:
            journalists.append(Answered(moment_of(drill, post.deadline_seconds), at))
        else:
            health.append(Answered(said + max(timedelta(minutes=2), timedelta(minutes=15) / drill.speed), at))
    return health, journalists


async def _native_ids(settings: dict, keys: list[str]) -> dict[str, str]:
    """The names that the practice network gave to the story's posts."""
    store = networks.get("practice").open_store(settings)  # type: ignore[attr-defined]
    found = {}
    for key in keys:
        post = await store.find(key)
        if post:
            found[key] = post.native_id
    return found
