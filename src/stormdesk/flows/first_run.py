"""From nothing to a brand that has its rules, answers and words: what a first run makes in one step."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from stormdesk.listen.actions import save_query
from stormdesk.listen.models import Query
from stormdesk.people.actions import create_brand
from stormdesk.people.models import Brand, User
from stormdesk.policy.actions import begin_policy
from stormdesk.reply.actions import begin_macros


def begin_brand(
    *, by: User, now: datetime, name: str, language: str, time_zone: str, is_drill: bool = False
) -> Brand:
    """A brand with departments, the shipped policy and ready answers; `by` owns it. Raises Refused, BadInput."""
    with transaction.atomic():
        brand = create_brand(
            by=by, now=now, name=name, language=language, time_zone=time_zone, is_drill=is_drill
        )
        begin_policy(brand=brand, by=by, now=now)
        begin_macros(brand=brand, by=by, now=now)
    return brand


def words_expression(*, any_of: list[str], never: list[str]) -> str:
    """The query for “any of these, never with those”, as a person would write it; phrases are quoted."""

    def quoted(word: str) -> str:
        word = word.strip().replace('"', "")
        return f'"{word}"' if " " in word else word

    wanted = " OR ".join(quoted(word) for word in any_of if word.strip())
    unwanted = " OR ".join(quoted(word) for word in never if word.strip())
    return f"({wanted}) AND NOT ({unwanted})" if unwanted else wanted


def save_words(*, brand: Brand, by: User, now: datetime, any_of: list[str], never: list[str]) -> Query:
    """The brand's first query. Raises what `save_query` raises."""
    return save_query(
        brand=brand, by=by, now=now, name=brand.name, expression=words_expression(any_of=any_of, never=never)
    )
