"""What several actions of this stage share: telling the journal, guarded changes, the checks before a post may go."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from stormdesk.accounts.queries import may_use
from stormdesk.accounts.rules import Use
from stormdesk.core.errors import AccessDenied, Conflict, Refused
from stormdesk.journal.actions import announce, record
from stormdesk.people.models import User
from stormdesk.policy.queries import blocking
from stormdesk.publish.models import Post, Statement
from stormdesk.publish.queries.posts import findings_of, hash_of, standing_of
from stormdesk.publish.rules import PostState
from stormdesk.secure.queries import may_publish


def change(post: Post, old: tuple[PostState, ...] | PostState, now: datetime, **fields: Any) -> None:
    """Write `fields` if the post is still in one of the `old` states. Raises Conflict."""
    states = [old] if isinstance(old, PostState) else list(old)
    if not Post.objects.filter(pk=post.pk, state__in=states).update(changed_at=now, **fields):
        raise Conflict(
            _("Someone else has changed this post meanwhile. Nothing was changed; look at it again.")
        )
    for name, value in fields.items():
        setattr(post, name, value)


def tell(kind: str, post: Post, by: User | None, now: datetime, **facts: Any) -> None:
    """Record what happened to a post, and have open pages fetched anew."""
    record(
        kind,
        brand=post.brand,
        by=by,
        now=now,
        subject=f"post:{post.pk}",
        crisis=post.crisis,
        facts={"title": post.title, "account": str(post.account), **facts},
    )
    announce(post.brand, "posts", now=now)


def tell_statement(kind: str, statement: Statement, by: User | None, now: datetime, **facts: Any) -> None:
    """The same for a statement."""
    record(
        kind,
        brand=statement.brand,
        by=by,
        now=now,
        subject=f"statement:{statement.pk}",
        crisis=statement.crisis_id,
        facts={"title": statement.title, **facts},
    )
    announce(statement.brand, "crisis", now=now)


def moment_words(moment: datetime, post: Post) -> str:
    """A time in the brand's zone and language, in which the record keeps its words."""
    local = timezone.localtime(moment, ZoneInfo(post.brand.time_zone))
    with translation.override(post.brand.language):
        return formats.date_format(local, "j E, H:i")


def require_sender(user: User | None, post: Post, use: Use = Use.PUBLISH) -> None:
    """The person may use this account now. Raises AccessDenied."""
    if user is None:
        return
    if not may_use(user, post.account, use):
        raise AccessDenied(
            _(
                "You may not publish to %(account)s. Nothing was changed; ask whoever looks after the accounts."
            )
            % {"account": post.account}
        )
    if not may_publish(user, post.brand):
        raise AccessDenied(
            _("The accounts are locked and you are not in the team that may publish. Nothing was changed.")
        )


def require_ready(post: Post, now: datetime) -> None:
    """The text may go out as it stands: approved by whom it must be, and no rule stops it. Raises Refused."""
    found = findings_of(post, now)
    if blocking(found):
        first = next(finding for finding in found if finding.blocks)
        raise Refused(
            _("A rule stops this text: %(finding)s. Change the text first.") % {"finding": first.title}
        )
    if post.statement_id or post.approved_hash == hash_of(post):
        return
    if not standing_of(post).complete:
        raise Refused(_("This text has not been approved by another person yet. Send it for approval first."))
