"""What the journal says about the policy."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("policy.published", _("Version %(version)s of the policy was published: %(by)s"), icon="scroll-text")
register("policy.signed", _("%(by)s read and signed version %(version)s of the policy"), icon="check")
register("policy.rule_saved", _("%(by)s saved the rule “%(title)s”"), icon="scroll-text")
register("policy.rule_on", _("%(by)s switched the rule “%(title)s” on"), icon="scroll-text")
register("policy.rule_off", _("%(by)s switched the rule “%(title)s” off"), icon="scroll-text")
