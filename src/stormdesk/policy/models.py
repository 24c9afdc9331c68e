"""The versioned policy, its signatures, and the rules run on everything outgoing."""

from __future__ import annotations

from django.db import models

from stormdesk.core.enums import choices
from stormdesk.people.models import Brand, User
from stormdesk.policy.rules import RuleKind, Severity


class Document(models.Model):
    """One version of the brand's written policy; versions are never edited, only followed."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="policy_documents")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=5)
    text = models.TextField(help_text="Markdown")
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["brand", "version"], name="one_document_per_version")]


class Signature(models.Model):
    """This person read and signed this version."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="signatures")
    user = models.ForeignKey(User, models.PROTECT, related_name="policy_signatures")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "user"], name="one_signature_per_person")]


class Rule(models.Model):
    """One rule of the linter. `words` are matched with their Russian forms; limits and flags stand in `settings`."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="policy_rules")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=16, choices=choices(RuleKind))
    severity = models.CharField(max_length=5, choices=choices(Severity), default=Severity.WARN)
    title = models.CharField(max_length=150)
    words = models.JSONField(default=list)
    settings = models.JSONField(default=dict, help_text="max length, embargo date, kinds of personal data …")
    reason = models.CharField(max_length=500)
    fix = models.CharField(max_length=500)
    good = models.JSONField(default=list, help_text="examples that must pass; run before the rule is saved")
    bad = models.JSONField(default=list, help_text="examples that must be found")
    is_active = models.BooleanField(default=True)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "title"]
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_rule_per_key")]
