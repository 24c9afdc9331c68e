"""What a team did in a drill, read from the record, the outbox and the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from stormdesk.accounts.queries import accounts_of
from stormdesk.coordinate.models import Task
from stormdesk.journal.models import Entry
from stormdesk.learn import drills
from stormdesk.learn.models import Drill
from stormdesk.learn.queries.moments import allowed, moment_of
from stormdesk.learn.rules import Answered, Happened
from stormdesk.networks import practice
from stormdesk.publish.models import Post, Statement
from stormdesk.publish.rules import PostKind, PostState
from stormdesk.reply.models import Line

HEALTH_WITHIN = 15 * 60
"""Seconds within which somebody who feels ill should hear from us."""


def doings(drill: Drill) -> tuple[Happened, Callable[[str], datetime | None]]:
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
            if post.sent_at is None or (since and post.sent_at < since) or post.visibility != "public":
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
        post.kind == PostKind.POST and post.sent_at and post.sent_at >= declared for post in sent
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
        line.conversation_id: line.mention.native_id if line.mention else ""
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
        answered = answers.get(native.get(post.native_id, ""))
        if post.deadline_seconds:
            until = said + allowed(drill, post.deadline_seconds - post.offset_seconds)
            journalists.append(Answered(until, answered))
        else:
            health.append(Answered(said + allowed(drill, HEALTH_WITHIN), answered))
    return health, journalists


async def _native_ids(settings: dict, keys: list[str]) -> dict[str, str]:
    """The names that the practice network gave to the story's posts."""
    store = practice.NETWORK.open_store(settings)
    found = {}
    for key in keys:
        post = await store.find(key)
        if post:
            found[key] = post.native_id
    return found
