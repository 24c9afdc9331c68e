"""Statements from template to publication (S1 to S3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from stormdesk.accounts.models import Account
from stormdesk.accounts.queries import may_use
from stormdesk.accounts.rules import AccountState, Use
from stormdesk.coordinate.actions import create_task
from stormdesk.coordinate.rules import TaskKind
from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.declare.models import Crisis
from stormdesk.people.access import require
from stormdesk.people.models import User
from stormdesk.people.rules import Right
from stormdesk.policy.queries import blocking
from stormdesk.publish import rules
from stormdesk.publish.actions.posts import TEXT_LIMIT
from stormdesk.publish.actions.steps import tell_statement
from stormdesk.publish.models import Approval, Post, Statement, StatementVersion
from stormdesk.publish.queries.posts import hash_of
from stormdesk.publish.queries.statements import (
    statement_findings,
    statement_hash,
    statement_standing,
    texts_for,
)
from stormdesk.publish.rules import PostKind, PostState, StatementKind, StatementState
from stormdesk.secure.queries import may_publish

OPEN = (StatementState.DRAFT, StatementState.REVIEW, StatementState.APPROVED)


def draft_statement(
    *,
    crisis: Crisis,
    by: User | None,
    now: datetime,
    kind: str = StatementKind.FIRST,
    template: str = "",
    language: str = "",
    title: str,
    text: str,
    short_text: str = "",
    promise_at: datetime | None = None,
) -> Statement:
    """A new statement of the crisis, numbered within it. Raises AccessDenied, BadInput.

    `by` None: drafted by Stormdesk from a template when the crisis was declared; the lead counts as its author.
    """
    require(by, Right.DRAFT, crisis.brand)
    _check(title, text)
    author = by or crisis.lead
    with transaction.atomic():
        number = Statement.objects.filter(crisis=crisis).aggregate(last=Max("number"))["last"] or 0
        statement = Statement.objects.create(
            brand=crisis.brand,
            crisis=crisis,
            number=number + 1,
            kind=StatementKind(kind),
            title=title.strip()[:150],
            template=template,
            language=language or crisis.brand.language,
            text=text,
            short_text=short_text,
            promise_at=promise_at,
            author=author,
            edited_by=author,
            made_at=now,
            changed_at=now,
        )
        StatementVersion.objects.create(
            statement=statement, text=text, short_text=short_text, by=author, at=now
        )
        tell_statement("statement.drafted", statement, by, now)
    return statement


def edit_statement(
    *,
    statement: Statement,
    by: User,
    now: datetime,
    title: str,
    text: str,
    short_text: str = "",
    promise_at: datetime | None = None,
) -> Statement:
    """Keep a new version; if anything that approvers see changed, approvals are needed anew.

    Raises AccessDenied, BadInput, Conflict once it is published.
    """
    require(by, Right.DRAFT, statement.brand)
    _check(title, text)
    before = statement_hash(statement)
    statement.title, statement.text, statement.short_text = title.strip()[:150], text, short_text
    statement.promise_at = promise_at
    if statement_hash(statement) == before:
        return statement
    with transaction.atomic():
        _change(
            statement,
            OPEN,
            now,
            title=statement.title,
            text=text,
            short_text=short_text,
            promise_at=promise_at,
            state=StatementState.DRAFT,
            edited_by=by,
            text_hash="",
            review_since=None,
        )
        StatementVersion.objects.create(statement=statement, text=text, short_text=short_text, by=by, at=now)
        tell_statement("statement.edited", statement, by, now)
    return statement


def send_statement_for_review(*, statement: Statement, by: User, now: datetime) -> Statement:
    """Start the clock of the approvals. Raises Refused while a rule stops the text."""
    require(by, Right.DRAFT, statement.brand)
    _require_clear(statement, now)
    with transaction.atomic():
        _change(
            statement,
            (StatementState.DRAFT,),
            now,
            state=StatementState.REVIEW,
            review_since=now,
            text_hash=statement_hash(statement),
        )
        tell_statement("statement.sent_for_review", statement, by, now)
    return statement


def approve_statement(
    *, statement: Statement, by: User, yes: bool, comment: str = "", now: datetime, seen: str = ""
) -> Statement:
    """Say yes or no to exactly this text; with the last yes it may be published. A no needs a reason.

    `seen` is the hash of what the approver had on the screen. Raises AccessDenied for one's own text, BadInput, Conflict when the text changed meanwhile.
    """
    require(by, Right.APPROVE, statement.brand)
    seen = seen or statement_hash(statement)
    statement.refresh_from_db()
    if not rules.may_approve(by.pk, author=statement.author_id, edited_by=statement.edited_by_id):
        raise AccessDenied(_("Nobody approves their own text. Another person has to look at it."))
    if not yes and not comment.strip():
        raise BadInput(_("Say what has to be changed; the author reads it."))
    if seen != statement_hash(statement):
        raise Conflict(
            _("The text was changed while you were reading it. Nothing was approved; read it again.")
        )
    with transaction.atomic():
        _change(statement, (StatementState.REVIEW,), now, text_hash=seen)
        Approval.objects.create(
            brand=statement.brand,
            statement=statement,
            by=by,
            yes=yes,
            comment=comment.strip()[:500],
            text_hash=seen,
            at=now,
        )
        tell_statement(
            "statement.approved" if yes else "statement.refused", statement, by, now, comment=comment.strip()
        )
        if not yes:
            _change(statement, (StatementState.REVIEW,), now, state=StatementState.DRAFT, review_since=None)
        elif statement_standing(statement).complete:
            _change(statement, (StatementState.REVIEW,), now, state=StatementState.APPROVED)
            tell_statement("statement.ready", statement, None, now)
    return statement


def withdraw_statement(*, statement: Statement, by: User, now: datetime) -> Statement:
    """Decide that a statement is not published. Raises AccessDenied, Conflict once it is out."""
    require(by, Right.DRAFT, statement.brand)
    with transaction.atomic():
        _change(statement, OPEN, now, state=StatementState.WITHDRAWN)
        tell_statement("statement.withdrawn", statement, by, now)
    return statement


def publish_statement_posts(
    *, statement: Statement, accounts: Iterable[Account], by: User, now: datetime
) -> list[Post]:
    """Send the approved text to the accounts now, and turn its promise into a task.

    A pause does not stop it: it is a person's decision of this hour. Raises AccessDenied, Refused, Conflict.
    """
    brand, accounts = statement.brand, list(accounts)
    require(by, Right.PUBLISH, brand)
    if not accounts:
        raise BadInput(_("Choose at least one account to publish to."))
    if not may_publish(by, brand):
        raise AccessDenied(
            _("The accounts are locked and you are not in the team that may publish. Nothing was changed.")
        )
    _require_clear(statement, now)
    if statement.text_hash != statement_hash(statement) or not statement_standing(statement).complete:
        raise Refused(_("This text has not been approved by all who must. Nothing was published."))
    for account in accounts:
        if account.brand_id != brand.pk or not may_use(by, account, Use.PUBLISH):
            raise AccessDenied(_("You may not publish to %(account)s.") % {"account": account})
        if account.state == AccountState.DISCONNECTED:
            raise Refused(
                _("%(account)s is not connected. Connect it, or publish without it.") % {"account": account}
            )
    versions = texts_for(statement, accounts)
    for version in versions:
        if not version.fits:
            raise Refused(
                _("The text is %(over)s characters too long for %(account)s. Write a short version first.")
                % {"over": version.over, "account": version.account}
            )
    group = uuid.uuid4()
    with transaction.atomic():
        _change(statement, (StatementState.APPROVED,), now, state=StatementState.PUBLISHED, published_at=now)
        posts = [
            _post(statement, version.account, version.text, by=by, now=now, group=group)
            for version in versions
        ]
        tell_statement(
            "statement.published",
            statement,
            by,
            now,
            accounts=", ".join(str(account) for account in accounts),
        )
        if statement.promise_at and statement.promise_task_id is None:
            statement.promise_task = create_task(
                brand=brand,
                by=None,
                now=now,
                title=_("Say the next word, promised in “%(title)s”") % {"title": statement.title},
                crisis=statement.crisis,
                kind=TaskKind.PROMISE,
                owner=statement.crisis.lead if statement.crisis else by,
                due_at=statement.promise_at,
                why=_("The public was told when it hears from us again."),
                path=f"/b/{brand.slug}/statements/{statement.pk}/",
            )
            Statement.objects.filter(pk=statement.pk).update(promise_task=statement.promise_task)
    return posts


def _post(
    statement: Statement, account: Account, text: str, *, by: User, now: datetime, group: uuid.UUID
) -> Post:
    post = Post(
        brand=statement.brand,
        account=account,
        kind=PostKind.STATEMENT,
        group=group,
        statement=statement,
        crisis=statement.crisis_id,
        text=text,
        language=statement.language,
        media=[],
        state=PostState.SCHEDULED,
        due_at=now,
        tolerance=int(rules.TOLERANCE.total_seconds()),
        author=statement.author,
        edited_by=statement.edited_by,
        scheduled_by=by,
        made_at=now,
        changed_at=now,
        key=uuid.uuid4(),
    )
    post.approved_hash = hash_of(post)
    post.save()
    return post


def _change(statement: Statement, old: tuple[StatementState, ...], now: datetime, **fields: object) -> None:
    if not Statement.objects.filter(pk=statement.pk, state__in=old).update(changed_at=now, **fields):
        raise Conflict(
            _("Someone else has changed this statement meanwhile. Nothing was changed; look at it again.")
        )
    for name, value in fields.items():
        setattr(statement, name, value)


def _require_clear(statement: Statement, now: datetime) -> None:
    found = statement_findings(statement, now)
    if blocking(found):
        first = next(finding for finding in found if finding.blocks)
        raise Refused(
            _("A rule stops this text: %(finding)s. Change the text first.") % {"finding": first.title}
        )


def _check(title: str, text: str) -> None:
    if not title.strip():
        raise BadInput(_("Give the statement a title, so that people can tell it from the others."))
    if not text.strip():
        raise BadInput(_("Write the text first: there is nothing to publish."))
    if len(text) > TEXT_LIMIT:
        raise BadInput(_("The text is longer than any network takes. Shorten it."))
