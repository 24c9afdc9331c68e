"""Sends the calls that are due: claimed by guarded update, tried again with pauses, and said when they fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.journal.actions import record
from stormdesk.notify import links
from stormdesk.notify.channels import WAYS, Letter, NotSent
from stormdesk.notify.messages import picture_of, text_of
from stormdesk.notify.models import Call, Channel
from stormdesk.notify.rules import CLAIM, CallState, ChannelKind, retry_at


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Send what is due; returns how many went out. A message claimed by a process that died is taken again:
    to be called twice is a lesser evil than not to be called."""
    dead = Call.objects.filter(state=CallState.SENDING, claimed_until__lt=now)
    dead.update(state=CallState.DUE, claimed_until=None)
    sent = 0
    due = Call.objects.filter(state=CallState.DUE, due_at__lte=now).select_related(
        "user", "channel", "brand", "escalation"
    )
    for call in due.order_by("due_at")[:limit]:
        if not Call.objects.filter(pk=call.pk, state=CallState.DUE).update(
            state=CallState.SENDING, claimed_until=now + CLAIM, attempts=call.attempts + 1
        ):
            continue
        call.attempts += 1
        try:
            deliver(call, now)
        except NotSent as error:
            _failed(call, error, now)
        else:
            Call.objects.filter(pk=call.pk).update(
                state=CallState.SENT, sent_at=now, claimed_until=None, failure=""
            )
            sent += 1
    return sent


def _failed(call: Call, error: NotSent, now: datetime) -> None:
    again = None if error.final else retry_at(call.attempts, now, error.after)
    with transaction.atomic():
        Call.objects.filter(pk=call.pk).update(
            state=CallState.DUE if again else CallState.FAILED,
            due_at=again or call.due_at,
            claimed_until=None,
            failure=str(error)[:300],
        )
        if call.channel_id:
            Channel.objects.filter(pk=call.channel_id).update(last_failure=str(error)[:300])
        if again is None:
            record(
                "people.unreachable",
                brand=call.brand,
                by=None,
                now=now,
                subject=call.escalation.about if call.escalation else "",
                crisis=call.escalation.crisis if call.escalation else None,
                facts={
                    "person": str(call.user),
                    "channel": call.channel.kind if call.channel else ChannelKind.EMAIL,
                    "problem": str(error),
                },
            )


def letter_of(call: Call) -> Letter:
    """The words of a call, in the active language. Whatever comes from a drill says so before anything else."""
    subject, body = text_of(call.kind, call.facts)
    if call.brand.is_drill:
        subject = _("Drill: %(subject)s") % {"subject": subject}
        body = "\n".join([_("This is a drill: nothing of it is real."), body])
    return Letter(
        key=str(call.pk),
        brand=call.brand.slug,
        brand_name=call.brand.name,
        kind=call.kind,
        subject=subject,
        text=body,
        link=f"{settings.SITE_URL}{call.path}",
        acknowledge=f"{settings.SITE_URL}{links.path_of(call)}" if call.escalation_id else "",
    )


def deliver(call: Call, now: datetime) -> None:
    """Send one message in its reader's language, mail with the picture of the matter. Raises NotSent."""
    with translation.override(call.user.language or call.brand.language):
        letter = letter_of(call)
        kind = ChannelKind(call.channel.kind) if call.channel else ChannelKind.EMAIL
        if kind == ChannelKind.EMAIL and call.escalation and settings.STORMDESK.mail_pictures:
            picture = picture_of(call.kind, call.brand, call.escalation.about, now)
            letter = replace(letter, picture=picture)
        if call.channel is None:
            WAYS[kind](call.user.email, {}, letter)
        else:
            sealed = settings.VAULT.open_json(call.channel.sealed) if call.channel.sealed else {}
            WAYS[kind](call.channel.address, sealed, letter)
