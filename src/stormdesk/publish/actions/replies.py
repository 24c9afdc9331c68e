"""Answers to one person, sent by a person's decision in this very hour."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.accounts.models import Account
from stormdesk.accounts.rules import Use
from stormdesk.core.errors import Refused
from stormdesk.declare.models import Crisis
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.policy.queries import blocking
from stormdesk.publish import rules
from stormdesk.publish.actions.posts import check
from stormdesk.publish.actions.steps import require_sender, tell
from stormdesk.publish.models import Post
from stormdesk.publish.queries.posts import findings_of, hash_of
from stormdesk.publish.rules import PostKind, PostState


def send_reply(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    account: Account,
    text: str,
    in_reply_to: str,
    to_handle: str = "",
    visibility: str = "public",
    language: str = "",
    crisis: Crisis | None = None,
) -> Post:
    """Answer one person now. The answering person's word is enough; the rules of the policy still stop it.

    Raises AccessDenied, BadInput, Refused against a rule.
    """
    require(by, Right.REPLY, brand)
    check(brand, account, text)
    post = Post(
        brand=brand,
        account=account,
        kind=PostKind.REPLY,
        crisis=crisis.pk if crisis else None,
        text=text,
        language=language,
        media=[],
        in_reply_to=in_reply_to,
        to_handle=to_handle,
        visibility=visibility,
        state=PostState.SCHEDULED,
        due_at=now,
        tolerance=int(rules.TOLERANCE.total_seconds()),
        author=by,
        edited_by=by,
        scheduled_by=by,
        made_at=now,
        changed_at=now,
        key=uuid.uuid4(),
    )
    require_sender(by, post, Use.REPLY)
    found = findings_of(post, now)
    if blocking(found):
        raise Refused(
            _("A rule stops this text: %(finding)s. Change the text first.")
            % {"finding": next(f for f in found if f.blocks).title}
        )
    post.approved_hash = hash_of(post)
    with transaction.atomic():
        post.save()
        tell("reply.released", post, by, now)
    return post
