"""Statements, their versions, facts, findings and approvals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stormdesk.accounts.models import Account
from stormdesk.accounts.queries import accounts_of
from stormdesk.declare.models import Crisis
from stormdesk.people.models import Brand, User
from stormdesk.policy.queries import blocking, findings
from stormdesk.policy.rules import Finding
from stormdesk.publish import rules
from stormdesk.publish.models import Fact, Statement, StatementVersion
from stormdesk.publish.queries.posts import limit_of, people_who_approve
from stormdesk.publish.rules import ApprovalRule, FactState, Standing, Word


def get_statement(brand: Brand, pk: int) -> Statement:
    """Raises Http404 for another brand's statement."""
    found = (
        Statement.objects.filter(brand=brand, pk=pk)
        .select_related("crisis", "crisis__lead", "author", "edited_by", "brand", "promise_task")
        .first()
    )
    if found is None:
        raise Http404
    return found


def statements_of(crisis: Crisis) -> list[Statement]:
    """The statements of a crisis, newest first."""
    return list(Statement.objects.filter(crisis=crisis).select_related("author").order_by("-number", "-pk"))


def statements_of_brand(brand: Brand) -> list[Statement]:
    """Every statement of the brand, newest first."""
    return list(Statement.objects.filter(brand=brand).select_related("author", "crisis"))


def versions_of(statement: Statement) -> list[StatementVersion]:
    """How the statement read after each change, newest first."""
    return list(statement.versions.select_related("by").order_by("-at", "-pk"))


def facts_of(crisis: Crisis) -> list[Fact]:
    """The ledger: what is confirmed first, then what is not known yet, then what was refuted; replaced lines left out."""
    order = {state: number for number, state in enumerate(FactState)}
    rows = Fact.objects.filter(crisis=crisis, replaced_by__isnull=True).select_related("by")
    return sorted(rows, key=lambda fact: (order[FactState(fact.state)], fact.at))


def get_fact(brand: Brand, pk: int) -> Fact:
    """Raises Http404 for another brand's fact."""
    found = Fact.objects.filter(brand=brand, pk=pk).select_related("crisis", "brand").first()
    if found is None:
        raise Http404
    return found


def statement_hash(statement: Statement) -> str:
    """The hash of what approvers see: both texts and the promise."""
    promise = statement.promise_at.isoformat() if statement.promise_at else ""
    return rules.digest(statement.text, audience=[statement.short_text, statement.title, promise])


def rule_of(statement: Statement) -> ApprovalRule:
    """Who must say yes, by the severity of the crisis."""
    return rules.BY_SEVERITY[statement.crisis.severity] if statement.crisis else rules.ORDINARY


def statement_standing(statement: Statement) -> Standing:
    """Which approvals the statement has and lacks."""
    return rules.standing(
        rule_of(statement),
        [Word(a.by_id, a.yes, a.text_hash) for a in statement.approvals.all()],
        text_hash=statement_hash(statement),
        author=statement.author_id,
        edited_by=statement.edited_by_id,
        lead=statement.crisis.lead_id if statement.crisis else None,
    )


def approvals_needed(statement: Statement) -> list[str]:
    """What is missing before the statement is approved, as sentences; empty when nothing is."""
    standing = statement_standing(statement)
    missing = []
    if standing.refused:
        missing.append(_("Someone did not approve this text: change it, or ask them to look again."))
    if standing.lead and statement.crisis:
        missing.append(_("%(name)s, who leads the crisis, must approve.") % {"name": statement.crisis.lead})
    others = standing.people - (1 if standing.lead else 0)
    if others > 0:
        missing.append(
            ngettext("%(n)s more person must approve.", "%(n)s more people must approve.", others)
            % {"n": others}
        )
    return missing


def statement_approvers(statement: Statement) -> list[User]:
    """Who could approve the statement."""
    return people_who_approve(statement.brand, author=statement.author_id, edited_by=statement.edited_by_id)


def statement_findings(statement: Statement, now: datetime) -> list[Finding]:
    """What the brand's rules say about both texts: the long one first."""
    return [found for text in _texts(statement) for found in _findings(statement, text, now)]


def _texts(statement: Statement) -> list[str]:
    return [statement.text, *([statement.short_text] if statement.short_text else [])]


def _findings(statement: Statement, text: str, now: datetime) -> list[Finding]:
    return findings(statement.brand, text, language=statement.language, kind="statement", now=now)


@dataclass(frozen=True)
class Version:
    """What would go to one account: the long text where it fits, else the short one."""

    account: Account
    text: str
    is_short: bool
    length: int
    limit: int | None
    usable: bool

    @property
    def fits(self) -> bool:
        return self.limit is None or self.length <= self.limit

    @property
    def over(self) -> int:
        return 0 if self.limit is None else max(0, self.length - self.limit)


def texts_for(statement: Statement, accounts: list[Account] | None = None) -> list[Version]:
    """The statement as each account would say it."""
    versions = []
    for account in accounts if accounts is not None else accounts_of(statement.brand, connected=True):
        limit, count = limit_of(account)
        fits = limit is None or count(statement.text) <= limit
        text = statement.text if fits or not statement.short_text else statement.short_text
        length = count(text)
        versions.append(
            Version(account, text, text != statement.text, length, limit, limit is None or length <= limit)
        )
    return versions


@dataclass(frozen=True)
class Checks:
    """Everything that stands between a statement and its publication."""

    in_text: list[Finding]
    in_short_text: list[Finding]
    missing: list[str]
    versions: list[Version]

    @property
    def findings(self) -> list[Finding]:
        return self.in_text + self.in_short_text

    @property
    def clear(self) -> bool:
        return not blocking(self.findings) and not self.missing


def checks(statement: Statement, now: datetime) -> Checks:
    """Findings, missing approvals and the versions per account, in one look."""
    in_text, in_short_text = ([_findings(statement, text, now) for text in _texts(statement)] + [[]])[:2]
    return Checks(in_text, in_short_text, approvals_needed(statement), texts_for(statement))
