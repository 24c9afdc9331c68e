"""What the journal says about a crisis."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register
from stormdesk.notify.messages import register_message

register(
    "crisis.declared",
    _("%(by)s declared “%(title)s”, severity %(severity)s, lead %(lead)s: %(reason)s"),
    icon="siren",
    group="decision",
    mark=True,
)
register(
    "crisis.suspected",
    _("%(by)s opened the suspected crisis “%(title)s”, lead %(lead)s: %(reason)s"),
    icon="siren",
    group="decision",
)
register(
    "crisis.active",
    _("%(by)s declared the crisis active: %(reason)s"),
    icon="st-crisis",
    group="decision",
    mark=True,
)
register(
    "crisis.contained",
    _("%(by)s called the crisis contained: %(reason)s"),
    icon="check",
    group="decision",
    mark=True,
)
register(
    "crisis.resolved",
    _("%(by)s called the crisis resolved: %(reason)s"),
    icon="check",
    group="decision",
    mark=True,
)
register(
    "crisis.reviewed", _("%(by)s closed the review: %(reason)s"), icon="clipboard-check", group="decision"
)
register(
    "crisis.severity",
    _("%(by)s changed the severity from %(was)s to %(severity)s: %(reason)s"),
    icon="st-crisis",
    group="decision",
)
register("crisis.role", _("%(by)s gave %(person)s the role: %(role)s"), icon="users")
register("crisis.note", _("%(by)s: %(text)s"), icon="pencil")
register("crisis.decision", _("%(by)s decided: %(text)s"), icon="check", group="decision")
register("playbook.saved", _("%(by)s changed the playbook “%(title)s”"), icon="scroll-text")

register_message(
    "crisis.declared",
    _("Crisis declared: %(title)s"),
    _("%(brand)s: a crisis is declared, “%(title)s”. Lead: %(lead)s. Why: %(reason)s"),
)
