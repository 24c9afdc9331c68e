"""Telling the story of a drill on the practice network, at its speed. Each post is told once, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from stormdesk.accounts.queries import accounts_of
from stormdesk.learn import drills
from stormdesk.learn.actions import end_drill, note_fed
from stormdesk.learn.drills import DrillPost
from stormdesk.learn.models import Drill
from stormdesk.learn.queries import first_statement_at, moment_of, running_drills, score_of, story_second
from stormdesk.listen.actions import set_waiting
from stormdesk.listen.models import Mention
from stormdesk.networks import practice
from stormdesk.networks.base import Author
from stormdesk.people.models import Brand, User
from stormdesk.publish.actions import approve_post, approve_statement
from stormdesk.publish.models import Post, Statement
from stormdesk.publish.queries import approvers, statement_approvers, statement_standing
from stormdesk.publish.rules import PostState, StatementState

BATCH = 400
READING = timedelta(seconds=20)
"""How long a played colleague reads before saying yes."""


def feed(*, now: datetime) -> int:
    """Tell what is due in every running drill; ends those whose story is over. Returns how many posts were told."""
    told = 0
    for drill in running_drills():
        told += _tell(drill, now)
        if story_second(drill, now) >= drills.truth(drill.language, drill.name).ends_at_seconds:
            end_drill(drill=drill, by=None, now=now, score=score_of(drill, now).as_dict())
    return told


def tell_past(drill: Drill, now: datetime) -> int:
    """What was said before `now`, at once: the quiet day and the first minutes. Returns how many posts were told."""
    until = story_second(drill, now)
    due = [post for post in drills.schedule(drill.language, name=drill.name) if post.offset_seconds < until]
    return _say_due(drill, due, until, now)


def settle_quiet_day(drill: Drill) -> int:
    """Whoever asked something on the quiet day was answered then: the storm begins with nobody waiting."""
    quiet_day = Mention.objects.filter(brand=drill.brand, published_at__lt=drill.story_start)
    return set_waiting(mentions=quiet_day, waits=False)


def _tell(drill: Drill, now: datetime) -> int:
    until = story_second(drill, now)
    due = [
        post
        for post in drills.schedule(drill.language, name=drill.name)
        if drill.fed_until <= post.offset_seconds < until
    ][:BATCH]
    return _say_due(drill, due, due[-1].offset_seconds + 1 if len(due) == BATCH else until, now)


def _say_due(drill: Drill, due: list[DrillPost], until: int, now: datetime) -> int:
    spoken = first_statement_at(drill)
    said = [
        (post, moment)
        for post in due
        # some posts answer what the team has said: they make no sense before it
        if (moment := moment_of(drill, post.offset_seconds))
        and (not post.assumes_statement or (spoken and spoken <= moment))
    ]
    asyncio.run(_say(accounts_of(drill.brand)[0].settings, said, drill.language))
    note_fed(drill=drill, until=until, now=now)
    return len(said)


async def _say(settings: dict, said: list[tuple[DrillPost, datetime]], language: str) -> None:
    store = practice.NETWORK.open_store(settings)
    for post, at in said:
        parent = await store.find(post.in_reply_to) if post.in_reply_to else None
        await practice.NETWORK.say(
            settings,
            Author(post.author_handle, post.author_handle, post.author_name, post.followers),
            post.text,
            at=at,
            in_reply_to=parent.native_id if parent else None,
            language=language,
            key=post.native_id,
        )


def play_colleagues(*, now: datetime) -> int:
    """Played colleagues say yes to what waits for more people than take part, so that one person can run a drill.

    Where enough people take part, they do it themselves. Returns how many texts were approved.
    """
    return sum(_approve(drill.brand, now) for drill in running_drills())


def _approve(brand: Brand, now: datetime) -> int:
    read = {"brand": brand, "changed_at__lte": now - READING}
    texts = 0
    for statement in Statement.objects.filter(state=StatementState.REVIEW, **read):
        people, played = _sorted(brand, statement_approvers(statement))
        said = set(statement.approvals.filter(text_hash=statement.text_hash).values_list("by", flat=True))
        missing = statement_standing(statement).people - sum(user.pk not in said for user in people)
        for colleague in [user for user in played if user.pk not in said][: max(0, missing)]:
            approve_statement(statement=statement, by=colleague, yes=True, now=now)
            texts += 1
    for post in Post.objects.filter(state=PostState.REVIEW, **read):
        people, played = _sorted(brand, approvers(post))
        if not people and played:
            approve_post(post=post, by=played[0], yes=True, now=now)
            texts += 1
    return texts


def _sorted(brand: Brand, users: list[User]) -> tuple[list[User], list[User]]:
    """Those who take part, and those who are played."""
    played = [user for user in users if user.email.endswith(f"@{brand.slug}.invalid")]
    return [user for user in users if user not in played], played
