"""A pause is in force when nothing that it covers is on the wire any more; only the outbox knows."""

from __future__ import annotations

from datetime import datetime

from stormdesk.pause.actions import confirm_in_force
from stormdesk.pause.queries import unconfirmed
from stormdesk.publish.models import Post
from stormdesk.publish.queries.posts import covered
from stormdesk.publish.rules import PostState


def confirm_pauses(now: datetime, *, brand_id: int | None = None) -> int:
    """Confirm every pause whose wire is empty; returns how many.

    Asked only about pauses that have committed, so whatever could still be taken has been: the wire only empties.
    """
    confirmed = 0
    for pause in unconfirmed():
        if brand_id is not None and pause.brand_id != brand_id:
            continue
        live = Post.objects.filter(brand=pause.brand_id, state=PostState.SENDING).select_related("account")
        if not covered(pause, list(live)):
            confirmed += confirm_in_force(pause=pause, now=now)
    return confirmed
