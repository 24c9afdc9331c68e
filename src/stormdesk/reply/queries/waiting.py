"""Who waits for an answer, who is late and who is answering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet

from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right, Role, rights_of
from stormdesk.reply import rules
from stormdesk.reply.models import Conversation
from stormdesk.reply.rules import ConversationState


@dataclass(frozen=True)
class Waiting:
    """How many people wait for an answer, and since when the first of them does."""

    count: int
    oldest: datetime | None


def waiting(brand: Brand, *, now: datetime) -> Waiting:
    """People, not posts: somebody who wrote three times under one post waits once."""
    facts = Conversation.objects.filter(brand=brand, state=ConversationState.WAITING).aggregate(
        count=Count("pk"), oldest=Min("waits_since")
    )
    return Waiting(facts["count"], facts["oldest"])


@dataclass(frozen=True)
class Standing:
    """The numbers over the inbox."""

    waiting: Waiting
    urgent: int
    late: int
    answered_today: int
    answering: list[User]


def standing(brand: Brand, *, now: datetime) -> Standing:
    """Who waits, who is late, what was answered today and who is answering now."""
    rows = Conversation.objects.filter(brand=brand, state=ConversationState.WAITING)
    facts = rows.aggregate(
        urgent=Count("pk", filter=Q(urgency__gte=rules.ROUND_THE_CLOCK)),
        late=Count("pk", filter=Q(due_at__lt=now)),
    )
    midnight = now.astimezone(ZoneInfo(brand.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Standing(
        waiting(brand, now=now),
        facts["urgent"],
        facts["late"],
        answered_since(brand, midnight),
        list(User.objects.filter(pk__in=held(brand, now).values("held_by")).order_by("name")),
    )


def answered_since(brand: Brand, since: datetime) -> int:
    """To how many people somebody answered since then."""
    return Conversation.objects.filter(brand=brand, answered_at__gte=since).count()


def held(brand: Brand, now: datetime) -> QuerySet[Conversation]:
    """Conversations somebody is answering at this moment."""
    return Conversation.objects.filter(brand=brand, held_by__isnull=False, held_until__gt=now)


def people_who_reply(brand: Brand) -> QuerySet[User]:
    """Everybody who may answer people for this brand, by name."""
    roles = [role for role in Role if Right.REPLY in rights_of({role})]
    return (
        User.objects.filter(memberships__brand=brand, memberships__role__in=roles, is_active=True)
        .distinct()
        .order_by("name")
    )
