"""Telling the story of a drill on the practice network, at its speed. Each post is told once, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
from datetime import datetime

from stormdesk import networks
from stormdesk.accounts.queries import accounts_of
from stormdesk.learn import drills
from stormdesk.learn.actions import end_drill, note_fed
from stormdesk.learn.drills import DrillPost
from stormdesk.learn.models import Drill
from stormdesk.learn.queries import first_statement_at, moment_of, running_drills, score_of, story_second
from stormdesk.networks.base import Author

BATCH = 400


def feed(*, now: datetime) -> int:
    """Tell what is due in every running drill; ends those whose story is over. Returns how many posts were told."""
    told = 0
    for drill in running_drills():
        told += _tell(drill, now)
        if story_second(drill, now) >= drills.truth(drill.language, drill.name).ends_at_seconds:
            end_drill(drill=drill, by=None, now=now, score=score_of(drill, now).as_dict())
    return told


def _tell(drill: Drill, now: datetime) -> int:
    account = accounts_of(drill.brand)[0]
    until, spoken = story_second(drill, now), first_statement_at(drill)
    due = [
        post
        for post in drills.schedule(drill.language, name=drill.name)
        if drill.fed_until <= post.offset_seconds < until
    ][:BATCH]
    said = [
        (post, moment_of(drill, post.offset_seconds))
        for post in due
        # some posts answer what the team has said: they make no sense before it
        if not post.assumes_statement or (spoken and spoken <= moment_of(drill, post.offset_seconds))
    ]
    asyncio.run(_say(account.settings, said, drill.language))
    note_fed(drill=drill, until=due[-1].offset_seconds + 1 if len(due) == BATCH else until, now=now)
    return len(said)


async def _say(settings: dict, said: list[tuple[DrillPost, datetime]], language: str) -> None:
    network = networks.get("practice")
    store = network.open_store(settings)  # type: ignore[attr-defined]
    for post, at in said:
        parent = await store.find(post.in_reply_to) if post.in_reply_to else None
        await network.say(  # type: ignore[attr-defined]
            settings,
            Author(post.author_handle, post.author_handle, post.author_name, post.followers),
            post.text,
            at=at,
            in_reply_to=parent.native_id if parent else None,
            language=language,
            key=post.native_id,
        )
