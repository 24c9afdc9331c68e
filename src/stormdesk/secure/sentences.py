"""What the journal says about lockdowns."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register(
    "lockdown.started",
    _("%(by)s locked the accounts: %(reason)s. May publish: %(keeps)s. Right taken from %(lost)s people"),
    icon="lock",
)
register(
    "lockdown.ended",
    _("%(by)s unlocked the accounts and gave %(given_back)s people their rights back"),
    icon="lock",
)
