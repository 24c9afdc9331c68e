"""The fact ledger: what is confirmed, what is not known yet, what was refuted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.declare.models import Crisis
from stormdesk.journal.actions import announce, record
from stormdesk.people.access import require
from stormdesk.people.models import User
from stormdesk.people.rules import Right
from stormdesk.publish.models import Fact
from stormdesk.publish.rules import FactState

STATE_WORDS = {
    FactState.CONFIRMED: pgettext_lazy("fact", "confirmed"),
    FactState.UNKNOWN: pgettext_lazy("fact", "not known yet"),
    FactState.REFUTED: pgettext_lazy("fact", "refuted"),
}


def add_fact(
    *, crisis: Crisis, by: User, now: datetime, text: str, state: str = FactState.CONFIRMED, source: str = ""
) -> Fact:
    """A new line of the ledger. Raises AccessDenied, BadInput; a confirmed fact needs its source."""
    require(by, Right.TASKS, crisis.brand)
    return _write(crisis=crisis, by=by, now=now, text=text, state=FactState(state), source=source)


def settle_fact(*, fact: Fact, by: User, now: datetime, state: str, text: str = "", source: str = "") -> Fact:
    """Replace a line by what is known now; the old line stays in the record. Raises AccessDenied, BadInput, Conflict."""
    require(by, Right.TASKS, fact.brand)
    if state not in list(FactState):
        raise BadInput(_("Choose what has become of the fact."))
    with transaction.atomic():
        new = _write(
            crisis=fact.crisis,
            by=by,
            now=now,
            text=text or fact.text,
            state=FactState(state),
            source=source or fact.source,
            settles=True,
        )
        if not Fact.objects.filter(pk=fact.pk, replaced_by__isnull=True).update(replaced_by=new):
            raise Conflict(_("Someone else has settled this fact meanwhile. Nothing was changed."))
    return new


def _write(
    *,
    crisis: Crisis,
    by: User,
    now: datetime,
    text: str,
    state: FactState,
    source: str,
    settles: bool = False,
) -> Fact:
    if not text.strip():
        raise BadInput(_("Write the fact in one sentence."))
    if len(text.strip()) > 500:
        raise BadInput(_("A fact is one sentence of at most 500 characters. Split it."))
    if state == FactState.CONFIRMED and not source.strip():
        raise BadInput(_("Say who confirmed it, or what shows it: statements are built on confirmed facts."))
    with transaction.atomic():
        fact = Fact.objects.create(
            brand=crisis.brand,
            crisis=crisis,
            text=text.strip(),
            state=state,
            source=source.strip()[:300],
            by=by,
            at=now,
        )
        with translation.override(crisis.brand.language):
            state_words = str(STATE_WORDS[state])
        record(
            "fact.settled" if settles else "fact.added",
            brand=crisis.brand,
            by=by,
            now=now,
            subject=f"fact:{fact.pk}",
            crisis=crisis.pk,
            facts={"text": fact.text, "state": state_words, "source": fact.source},
        )
        announce(crisis.brand, "crisis", now=now)
    return fact
