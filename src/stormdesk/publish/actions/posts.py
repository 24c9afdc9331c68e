"""Posts from draft to schedule, and replies."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.accounts.models import Account
from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.declare.models import Crisis
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.policy.queries import blocking
from stormdesk.publish import rules
from stormdesk.publish.actions.steps import change, moment_words, require_ready, require_sender, tell
from stormdesk.publish.models import Approval, Post, Statement
from stormdesk.publish.queries.posts import findings_of, group_of, hash_of, new_group, standing_of
from stormdesk.publish.rules import PostKind, PostState

JUST_NOW = timedelta(minutes=1)
TEXT_LIMIT = 100_000


def draft_post(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    account: Account,
    text: str,
    due_at: datetime | None = None,
    media: list[dict] | None = None,
    kind: str = PostKind.POST,
    statement: Statement | None = None,
    crisis: Crisis | None = None,
    in_reply_to: str = "",
    to_handle: str = "",
    visibility: str = "public",
    language: str = "",
    group: uuid.UUID | None = None,
) -> Post:
    """A new draft for one account; nothing goes out by it. Raises AccessDenied, BadInput."""
    require(by, Right.DRAFT, brand)
    check(brand, account, text)
    with transaction.atomic():
        post = Post.objects.create(
            brand=brand,
            account=account,
            kind=PostKind(kind),
            group=group,
            statement=statement,
            crisis=crisis.pk if crisis else None,
            text=text,
            language=language,
            media=media or [],
            in_reply_to=in_reply_to,
            to_handle=to_handle,
            visibility=visibility,
            due_at=due_at,
            tolerance=int(rules.TOLERANCE.total_seconds()),
            author=by,
            edited_by=by,
            made_at=now,
            changed_at=now,
            key=uuid.uuid4(),
        )
        tell("post.drafted", post, by, now)
    return post


def draft_posts(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    texts: Mapping[Account, str],
    due_at: datetime | None = None,
    media: list[dict] | None = None,
    language: str = "",
) -> list[Post]:
    """Compose once: one draft per account, kept together. Raises BadInput without an account."""
    if not texts:
        raise BadInput(_("Choose at least one account for the post."))
    group = new_group()
    with transaction.atomic():
        return [
            draft_post(
                brand=brand,
                by=by,
                now=now,
                account=account,
                text=text,
                due_at=due_at,
                media=media,
                language=language,
                group=group,
            )
            for account, text in texts.items()
        ]


def edit_post(
    *,
    post: Post,
    by: User,
    now: datetime,
    text: str | None = None,
    media: list[dict] | None = None,
    account: Account | None = None,
    due_at: datetime | None = None,
    language: str | None = None,
) -> Post:
    """Change a post that has not gone out. A changed text, picture or account needs its approvals anew.

    Raises AccessDenied, BadInput, Conflict when it is being sent or was sent.
    """
    require(by, Right.DRAFT, post.brand)
    before = hash_of(post)
    fields: dict[str, Any] = {}
    if text is not None:
        fields["text"] = text
    if media is not None:
        fields["media"] = media
    if account is not None:
        fields["account"] = account
    if language is not None:
        fields["language"] = language
    check(post.brand, account or post.account, post.text if text is None else text)
    old = {name: getattr(post, name) for name in fields}
    for name, value in fields.items():
        setattr(post, name, value)
    changed = hash_of(post) != before
    for name, value in old.items():
        setattr(post, name, value)
    if changed:
        fields |= {
            "state": PostState.DRAFT,
            "edited_by": by,
            "approved_hash": "",
            "hold_reason": "",
            "hold_detail": "",
            "failure": "",
        }
    if due_at is not None and post.state not in (PostState.SCHEDULED, *rules.DECIDABLE):
        fields["due_at"] = due_at
    with transaction.atomic():
        change(post, rules.EDITABLE, now, **fields)
        if changed:
            tell("post.edited", post, by, now)
    return post


def edit_posts(
    *,
    posts: list[Post],
    by: User,
    now: datetime,
    texts: Mapping[Account, str],
    media: list[dict] | None = None,
    due_at: datetime | None = None,
    language: str | None = None,
) -> list[Post]:
    """Change posts composed together, each to its account's text; all of them or none."""
    with transaction.atomic():
        return [
            edit_post(
                post=post,
                by=by,
                now=now,
                text=texts.get(post.account),
                media=media,
                due_at=due_at,
                language=language,
            )
            for post in posts
        ]


def send_group_for_review(*, post: Post, by: User, now: datetime) -> list[Post]:
    """Ask for approval of a post and of all drafts composed with it; all of them or none."""
    drafts = [each for each in group_of(post) if each.state == PostState.DRAFT] or [post]
    with transaction.atomic():
        return [send_for_review(post=each, by=by, now=now) for each in drafts]


def send_for_review(*, post: Post, by: User, now: datetime) -> Post:
    """Ask for approval. Raises Refused while a rule stops the text."""
    require(by, Right.DRAFT, post.brand)
    found = findings_of(post, now)
    if blocking(found):
        raise Refused(
            _("A rule stops this text: %(finding)s. Change the text first.")
            % {"finding": next(f for f in found if f.blocks).title}
        )
    with transaction.atomic():
        change(post, PostState.DRAFT, now, state=PostState.REVIEW)
        tell("post.sent_for_review", post, by, now)
    return post


def approve_post(
    *, post: Post, by: User, yes: bool, comment: str = "", now: datetime, seen: str = ""
) -> Post:
    """Say yes or no to exactly this text. A no returns it to its author and needs a reason.

    `seen` is the hash of what the approver had on the screen. Raises AccessDenied for one's own text, BadInput for a
    no without a reason, Conflict when the text is another by now.
    """
    require(by, Right.APPROVE, post.brand)
    post.refresh_from_db()
    if not rules.may_approve(by.pk, author=post.author_id, edited_by=post.edited_by_id):
        raise AccessDenied(_("Nobody approves their own text. Another person has to look at it."))
    if not yes and not comment.strip():
        raise BadInput(_("Say what has to be changed; the author reads it."))
    if seen and seen != hash_of(post):
        raise Conflict(
            _("The text was changed while you were reading it. Nothing was approved; read it again.")
        )
    with transaction.atomic():
        change(post, PostState.REVIEW, now, state=PostState.REVIEW)
        Approval.objects.create(
            brand=post.brand,
            post=post,
            by=by,
            yes=yes,
            comment=comment.strip()[:500],
            text_hash=hash_of(post),
            at=now,
        )
        if not yes:
            change(post, PostState.REVIEW, now, state=PostState.DRAFT)
        elif standing_of(post).complete:
            change(post, PostState.REVIEW, now, state=PostState.APPROVED, approved_hash=hash_of(post))
        tell("post.approved" if yes else "post.refused", post, by, now, comment=comment.strip())
    return post


def schedule_post(*, post: Post, due_at: datetime, by: User, now: datetime) -> Post:
    """Let an approved post go out at `due_at`; during a pause it may be scheduled, and will wait.

    Raises AccessDenied, BadInput for the past, Refused without approval or against a rule, Conflict.
    """
    require(by, Right.PUBLISH, post.brand)
    if due_at < now - JUST_NOW:
        raise BadInput(_("This time has passed. Choose a later one."))
    require_sender(by, post)
    require_ready(post, now)
    with transaction.atomic():
        change(
            post,
            (PostState.APPROVED, PostState.SCHEDULED),
            now,
            state=PostState.SCHEDULED,
            due_at=due_at,
            approved_hash=hash_of(post),
            scheduled_by=by,
            retry_at=None,
            attempts=0,
        )
        tell("post.scheduled", post, by, now, due=moment_words(due_at, post))
    return post


def drop_post(*, post: Post, by: User, now: datetime) -> Post:
    """Decide that a post does not go out; it can be taken up again. Raises AccessDenied, Conflict."""
    require(by, Right.DRAFT, post.brand)
    with transaction.atomic():
        change(post, rules.EDITABLE, now, state=PostState.DROPPED, hold_reason="", hold_detail="")
        tell("post.dropped", post, by, now)
    return post


def restore_post(*, post: Post, by: User, now: datetime) -> Post:
    """Take a dropped post up again, as a draft that needs its approvals anew. Raises AccessDenied, Conflict."""
    require(by, Right.DRAFT, post.brand)
    with transaction.atomic():
        change(post, PostState.DROPPED, now, state=PostState.DRAFT, approved_hash="")
        tell("post.restored", post, by, now)
    return post


def check(brand: Brand, account: Account, text: str) -> None:
    """Raise BadInput or AccessDenied where a text or its account cannot be used at this brand."""
    if account.brand_id != brand.pk:
        raise AccessDenied(_("That account belongs to another brand."))
    if not text.strip():
        raise BadInput(_("Write the text first: there is nothing to send."))
    if len(text) > TEXT_LIMIT:
        raise BadInput(_("The text is longer than any network takes. Shorten it."))
