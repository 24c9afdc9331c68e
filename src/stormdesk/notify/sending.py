"""Sends the calls that are due: claimed by guarded update, tried again with pauses, and said when they fail."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.core import http
from stormdesk.journal.actions import record
from stormdesk.notify.messages import text_of
from stormdesk.notify.models import Call, Channel
from stormdesk.notify.rules import CLAIM, CallState, ChannelKind, retry_at


class NotSent(Exception):
    """The sentence of why a message did not go out; `final` when trying again cannot help."""

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Send what is due; returns how many went out. A message claimed by a process that died is taken again:
    to be called twice is a lesser evil than not to be called."""
    dead = Call.objects.filter(state=CallState.SENDING, claimed_until__lt=now)
    dead.update(state=CallState.DUE, claimed_until=None)
    sent = 0
    due = Call.objects.filter(state=CallState.DUE, due_at__lte=now).select_related("user", "channel", "brand")
    for call in due.order_by("due_at")[:limit]:
        if not Call.objects.filter(pk=call.pk, state=CallState.DUE).update(
            state=CallState.SENDING, claimed_until=now + CLAIM, attempts=call.attempts + 1
        ):
            continue
        call.attempts += 1
        try:
            deliver(call)
        except NotSent as error:
            _failed(call, error, now)
        else:
            Call.objects.filter(pk=call.pk).update(
                state=CallState.SENT, sent_at=now, claimed_until=None, failure=""
            )
            sent += 1
    return sent


def _failed(call: Call, error: NotSent, now: datetime) -> None:
    again = None if error.final else retry_at(call.attempts, now)
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


def deliver(call: Call) -> None:
    """Send one message in its reader's language. Raises NotSent."""
    with translation.override(call.user.language or call.brand.language):
        subject, body = text_of(call.kind, call.facts)
        link = f"{settings.SITE_URL}{call.path}"
        if call.channel is None or call.channel.kind == ChannelKind.EMAIL:
            address = call.channel.address if call.channel else call.user.email
            _mail(address, f"{call.brand.name}: {subject}", f"{body}\n\n{link}\n")
        else:
            _webhook(call, subject, body, link)


def _mail(address: str, subject: str, text: str) -> None:
    if not settings.STORMDESK.smtp_url and settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
        raise NotSent(
            _(
                "No mail server is set up, so no e-mail goes out. Ask the administrator to set STORMDESK_SMTP_URL."
            ),
            final=True,
        )
    try:
        EmailMessage(subject, text, to=[address]).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
        codes = [code for code, _text in getattr(error, "recipients", {}).values()] or [
            getattr(error, "smtp_code", 500)
        ]
        raise NotSent(
            _("The mail server refused %(address)s.") % {"address": address}, final=min(codes) >= 500
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(
            _("The mail server did not take the message: %(error)s") % {"error": type(error).__name__}
        ) from None


def _webhook(call: Call, subject: str, body: str, link: str) -> None:
    assert call.channel
    opened = settings.VAULT.open_json(call.channel.sealed)
    payload = json.dumps(
        {
            "id": call.pk,
            "brand": call.brand.slug,
            "kind": call.kind,
            "subject": subject,
            "text": body,
            "link": link,
        },
        ensure_ascii=False,
    ).encode()
    signature = hmac.new(opened["key"].encode(), payload, hashlib.sha256).hexdigest()
    try:
        answer = asyncio.run(
            http.request(
                "POST",
                opened["url"],
                content=payload,
                headers={"Content-Type": "application/json", "X-Stormdesk-Signature": f"sha256={signature}"},
            )
        )
    except http.HttpError as error:
        raise NotSent(str(error), final=isinstance(error, http.Blocked)) from None
    if answer.status >= 300:
        raise NotSent(
            _("The webhook answered %(status)s.") % {"status": answer.status},
            final=400 <= answer.status < 500 and answer.status != 429,
        )
