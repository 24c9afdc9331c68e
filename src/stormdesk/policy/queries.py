"""What the rules of a brand say about a text, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils.translation import gettext as _

from stormdesk.people.models import Brand, User
from stormdesk.policy import rules as policy_rules
from stormdesk.policy.linter import lint
from stormdesk.policy.models import Document, Rule, Signature
from stormdesk.policy.rules import Draft, Finding, RuleData


def rules_of(brand: Brand) -> list[RuleData]:
    """The brand's active rules as the linter reads them."""
    return [rule_data(rule) for rule in Rule.objects.filter(brand=brand, is_active=True)]


def rule_data(rule: Rule) -> RuleData:
    """One stored rule as the linter reads it."""
    return RuleData(
        rule.key,
        rule.kind,
        rule.severity,
        rule.title,
        tuple(rule.words),
        rule.settings,
        rule.reason,
        rule.fix,
    )


def findings(
    brand: Brand,
    text: str,
    *,
    language: str = "",
    media: Iterable[Mapping[str, str]] = (),
    kind: str = "post",
    limit: int | None = None,
    count: Callable[[str], int] = len,
    now: datetime,
) -> list[Finding]:
    """What blocks and what is advised about a text that is to go out, with its words, reason and fix.

    `limit` and `count` are the network's own; `now` decides about embargoes, by the brand's calendar.
    """
    draft = Draft(
        text,
        tuple(media),
        kind,
        language,
        limit,
        count,
        now.astimezone(ZoneInfo(brand.time_zone)).date(),
    )
    return [_translated(finding) for finding in lint(draft, rules_of(brand))]


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings stops the text from going out."""
    return policy_rules.blocking(findings)


def _translated(finding: Finding) -> Finding:
    facts = dict(finding.facts)
    if "kind" in facts:
        facts["kind"] = _(facts["kind"])  # the one fact that is a word of ours and not of the text
    return replace(
        finding,
        title=_filled(finding.title, facts),
        reason=_filled(finding.reason, facts),
        fix=_filled(finding.fix, facts),
    )


def _filled(message: str, facts: Mapping[str, object]) -> str:
    text = _(message) if message else ""
    if text == message and "%(" not in message:
        return text
    try:
        return text % facts
    except (KeyError, TypeError, ValueError):
        return text  # a brand's own words may hold a lone percent sign


def document_in_force(brand: Brand) -> Document | None:
    """The newest version of the written policy."""
    return Document.objects.filter(brand=brand).select_related("published_by").first()


def documents(brand: Brand) -> list[Document]:
    """All versions, newest first."""
    return list(Document.objects.filter(brand=brand).select_related("published_by"))


def get_document(brand: Brand, version: int) -> Document:
    """Raises Http404."""
    found = Document.objects.filter(brand=brand, version=version).first()
    if found is None:
        raise Http404
    return found


def signatures(document: Document) -> tuple[list[Signature], list[User]]:
    """Who signed this version, and who has not yet."""
    signed = list(document.signatures.select_related("user").order_by("signed_at"))
    people = (
        User.objects.filter(memberships__brand=document.brand, is_active=True).distinct().order_by("name")
    )
    return signed, list(people.exclude(pk__in=[row.user_id for row in signed]))


def get_rule(brand: Brand, pk: int) -> Rule:
    """Raises Http404 for another brand's rule."""
    found = Rule.objects.filter(brand=brand, pk=pk).select_related("brand").first()
    if found is None:
        raise Http404
    return found


def all_rules(brand: Brand) -> list[Rule]:
    """Rules, switched off ones included, by kind."""
    return list(Rule.objects.filter(brand=brand).select_related("changed_by"))
