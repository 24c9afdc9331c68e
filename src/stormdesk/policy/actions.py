"""The written policy and its signatures, and the rules, which prove themselves on examples before they are saved."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput, Conflict
from stormdesk.journal.actions import announce, record
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.policy import starter
from stormdesk.policy.linter import lint
from stormdesk.policy.models import Document, Rule, Signature
from stormdesk.policy.queries import document_in_force
from stormdesk.policy.rules import Draft, RuleData, RuleKind, Severity


def begin_policy(*, brand: Brand, by: User | None, now: datetime) -> None:
    """Give a brand the shipped policy and rules in its language; what is there already is left alone."""
    require(by, Right.POLICY, brand)
    shipped = starter.load(brand.language if brand.language in starter.LANGUAGES else "en")
    with transaction.atomic():
        if document_in_force(brand) is None:
            Document.objects.create(
                brand=brand,
                version=1,
                language=shipped.language,
                text=shipped.document_for(brand.name),
                published_by=by,
                published_at=now,
            )
            record("policy.published", brand=brand, by=by, now=now, facts={"version": 1})
        Rule.objects.bulk_create(
            [
                Rule(
                    brand=brand,
                    key=rule.key,
                    kind=rule.kind,
                    severity=rule.severity,
                    title=rule.title,
                    words=list(rule.words),
                    settings=dict(rule.settings),
                    reason=rule.reason,
                    fix=rule.fix,
                    good=list(rule.good),
                    bad=list(rule.bad),
                    changed_by=by,
                    changed_at=now,
                )
                for rule in shipped.rules
            ],
            ignore_conflicts=True,
        )


def publish_document(*, brand: Brand, by: User, now: datetime, text: str) -> Document:
    """A new version of the policy; everybody is asked to read and sign it. Raises AccessDenied, BadInput, Conflict."""
    require(by, Right.POLICY, brand)
    if not text.strip():
        raise BadInput(_("The policy is empty. Write at least what may never be said, and who decides."))
    present = document_in_force(brand)
    if present and present.text.strip() == text.strip():
        raise BadInput(_("Nothing was changed, so there is no new version to sign."))
    try:
        with transaction.atomic():
            document = Document.objects.create(
                brand=brand,
                version=(present.version if present else 0) + 1,
                language=brand.language,
                text=text,
                published_by=by,
                published_at=now,
            )
            record("policy.published", brand=brand, by=by, now=now, facts={"version": document.version})
            announce(brand, "policy", now=now)
    except IntegrityError:
        raise Conflict(
            _("Somebody published another version a moment ago. Read it, then publish yours.")
        ) from None
    return document


def sign(*, document: Document, by: User, now: datetime) -> None:
    """I have read it and will keep to it."""
    require(by, Right.SEE, document.brand)
    with transaction.atomic():
        _signature, is_new = Signature.objects.get_or_create(
            document=document, user=by, defaults={"signed_at": now}
        )
        if is_new:
            record("policy.signed", brand=document.brand, by=by, now=now, facts={"version": document.version})


def failing_examples(
    rule: RuleData, good: list[str], bad: list[str], now: datetime
) -> list[tuple[str, bool]]:
    """Examples on which the rule does not do what it should: (text, should it be found?)."""

    def found(text: str) -> bool:
        kind = (rule.settings.get("for") or ["post"])[0]  # a rule for replies is tried on replies
        draft = Draft(text, (), kind, "", None, len, now.date())
        return any(finding.rule == rule.key for finding in lint(draft, [rule]))

    return [(text, False) for text in good if found(text)] + [(text, True) for text in bad if not found(text)]


def save_rule(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    title: str,
    kind: str,
    severity: str,
    words: list[str],
    reason: str,
    fix: str,
    good: list[str],
    bad: list[str],
    rule: Rule | None = None,
    settings: dict | None = None,
) -> Rule:
    """Add or change a rule. Its examples are run first; Raises BadInput naming the first that does not hold."""
    require(by, Right.POLICY, brand)
    key = rule.key if rule else _new_key(brand, title)
    given = settings if settings is not None else (dict(rule.settings) if rule else {})
    data = RuleData(key, RuleKind(kind), Severity(severity), title, tuple(words), given, reason, fix)
    for text, should in failing_examples(data, good, bad, now):
        raise BadInput(
            _("The rule does not find “%(text)s”, though it should. Correct the words or the example.")
            % {"text": text}
            if should
            else _("The rule finds “%(text)s”, though it should not. Correct the words or the example.")
            % {"text": text}
        )
    with transaction.atomic():
        saved, _new = Rule.objects.update_or_create(
            brand=brand,
            key=key,
            defaults={
                "kind": data.kind,
                "severity": data.severity,
                "title": title.strip()[:150],
                "words": words,
                "settings": given,
                "reason": reason[:500],
                "fix": fix[:500],
                "good": good,
                "bad": bad,
                "is_active": True,
                "changed_by": by,
                "changed_at": now,
            },
        )
        record(
            "policy.rule_saved",
            brand=brand,
            by=by,
            now=now,
            subject=f"rule:{saved.pk}",
            facts={"title": saved.title},
        )
        announce(brand, "policy", now=now)
    return saved


def _new_key(brand: Brand, title: str) -> str:
    stem = slugify(title)[:50] or "rule"
    taken = set(Rule.objects.filter(brand=brand).values_list("key", flat=True))
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key


def switch_rule(*, rule: Rule, by: User, now: datetime, on: bool) -> None:
    """Switch a rule off or on again; built-in checks go on without it."""
    require(by, Right.POLICY, rule.brand)
    with transaction.atomic():
        if not Rule.objects.filter(pk=rule.pk, is_active=not on).update(
            is_active=on, changed_by=by, changed_at=now
        ):
            raise Conflict(_("Somebody switched this rule a moment ago."))
        record(
            "policy.rule_on" if on else "policy.rule_off",
            brand=rule.brand,
            by=by,
            now=now,
            subject=f"rule:{rule.pk}",
            facts={"title": rule.title},
        )
        announce(rule.brand, "policy", now=now)
