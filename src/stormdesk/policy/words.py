"""Kinds and severities of rules in words."""

from django.utils.translation import gettext_lazy as _

from stormdesk.policy.rules import RuleKind, Severity

KIND_WORDS = {
    RuleKind.TONE: _("Tone"),
    RuleKind.FORBIDDEN: _("Words never used"),
    RuleKind.CONFIDENTIAL: _("Confidential"),
    RuleKind.PERSONAL_DATA: _("People and their data"),
    RuleKind.CREDIT: _("Pictures and quotations"),
    RuleKind.LENGTH: _("Length"),
    RuleKind.PROMISE: _("Promises"),
}
SEVERITY_WORDS = {Severity.BLOCK: _("blocks"), Severity.WARN: _("advises")}
