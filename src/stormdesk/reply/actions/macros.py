"""Ready answers: the shipped ones to begin with, and counting their use."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.publish.templates_library import LANGUAGES, macros
from stormdesk.reply.models import Conversation, Macro
from stormdesk.reply.queries import values_for
from stormdesk.reply.rules import filled


def begin_macros(*, brand: Brand, by: User | None, now: datetime) -> int:
    """Copy the shipped answers to a brand that has none, in every language; returns how many. Raises AccessDenied."""
    require(by, Right.REPLY, brand)
    with transaction.atomic():
        if Macro.objects.filter(brand=brand).exists():
            return 0
        rows = [
            Macro(
                brand=brand,
                title=macro.title,
                text=macro.body,
                language=language,
                channel="direct" if macro.channel == "private" else "public",
            )
            for language in LANGUAGES
            for macro in macros(language)
        ]
        Macro.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def use_macro(*, macro: Macro, conversation: Conversation, by: User, now: datetime) -> str:
    """The macro with what is known filled in, counted as used. Blanks that stay open stop the answer from going out."""
    require(by, Right.REPLY, conversation.brand)
    Macro.objects.filter(pk=macro.pk, brand=conversation.brand_id).update(used=F("used") + 1)
    return filled(macro.text, values_for(conversation, by))
