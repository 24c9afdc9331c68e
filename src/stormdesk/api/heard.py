"""Mentions and alerts."""

from __future__ import annotations

from ninja import Router

from stormdesk.api.access import needs
from stormdesk.api.shapes import AlertOut, CorrectionIn, MentionOut, MentionPage, Why
from stormdesk.core.clock import utcnow
from stormdesk.detect import actions as detect_actions
from stormdesk.detect import queries as detect
from stormdesk.detect.models import Alert
from stormdesk.listen import queries as listen
from stormdesk.listen.actions import correct_mention
from stormdesk.listen.models import Mention
from stormdesk.people.access import PersonRequest, may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.understand import Span, mask

router = Router(tags=["heard"])


def _mention(mention: Mention, user: User, brand: Brand) -> Mention:
    if mention.personal_data and not may(user, Right.EXPORT, brand):
        mention.text = mask(mention.text, [Span(**span) for span in mention.personal_data])
    return mention


@router.get("/mentions", response=MentionPage)
@needs(Right.SEE)
def mentions(
    request: PersonRequest,
    brand: Brand,
    q: str = "",
    mood: str = "",
    waits: bool = False,
    network: str = "",
    before: str = "",
    limit: int = 50,
):
    """What was heard, newest first, filtered like the page Heard."""
    filters = listen.Filters(q=q, mood=mood, waits=waits, network=network)
    page = listen.page_of(
        listen.mentions(brand, filters, utcnow()), before=before, size=min(max(limit, 1), 200)
    )
    return {"mentions": [_mention(row, request.user, brand) for row in page.rows], "older": page.older}


@router.get("/mentions/{int:pk}", response=MentionOut)
@needs(Right.SEE)
def mention(request: PersonRequest, brand: Brand, pk: int):
    """One mention."""
    return _mention(listen.get_mention(brand, pk), request.user, brand)


@router.post("/mentions/{int:pk}/correct", response=MentionOut)
@needs(Right.CORRECT)
def correct(request: PersonRequest, brand: Brand, pk: int, given: CorrectionIn):
    """Say what should have been understood; kept, counted and used."""
    found = listen.get_mention(brand, pk)
    correct_mention(mention=found, by=request.user, now=utcnow(), field=given.field, value=given.value)
    return _mention(listen.get_mention(brand, pk), request.user, brand)


def _alert(alert: Alert) -> dict:
    names = ("level", "kind", "state", "since", "noticed_at", "last_at", "facts", "crisis")
    return {
        "id": alert.pk,
        "sentence": detect.sentence_of(alert),
        **{name: getattr(alert, name) for name in names},
    }


@router.get("/alerts", response=list[AlertOut])
@needs(Right.SEE)
def alerts(request: PersonRequest, brand: Brand, waiting: bool = True):
    """Alerts that wait for a decision; with `waiting=false` the earlier ones."""
    return [_alert(row) for row in (detect.open_alerts(brand) if waiting else detect.past_alerts(brand))]


@router.get("/alerts/{int:pk}", response=AlertOut)
@needs(Right.SEE)
def alert(request: PersonRequest, brand: Brand, pk: int):
    """One alert."""
    return _alert(detect.get_alert(brand, pk))


@router.post("/alerts/{int:pk}/acknowledge", response=AlertOut)
@needs(Right.ALERTS)
def acknowledge(request: PersonRequest, brand: Brand, pk: int):
    """I have it; nobody else is called."""
    found = detect.get_alert(brand, pk)
    detect_actions.acknowledge_alert(alert=found, by=request.user, now=utcnow())
    return _alert(found)


@router.post("/alerts/{int:pk}/dismiss", response=AlertOut)
@needs(Right.ALERTS)
def dismiss(request: PersonRequest, brand: Brand, pk: int, given: Why):
    """Not a crisis, because …"""
    found = detect.get_alert(brand, pk)
    detect_actions.dismiss_alert(alert=found, by=request.user, now=utcnow(), why=given.why)
    return _alert(found)
