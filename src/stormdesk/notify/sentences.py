"""What the journal says about calling people."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("people.called", _("Called: %(people)s (step %(step)s)"), icon="phone", group="system")
register(
    "people.nobody",
    _("Nobody could be called: no one is on call and the brand has no lead"),
    icon="st-attn",
    group="system",
)
register("people.acknowledged", _("%(by)s has it; nobody else is called"), icon="check")
register(
    "people.unreachable",
    _("%(person)s could not be reached by %(channel)s: %(problem)s"),
    icon="st-attn",
    group="system",
)
register("oncall.shift", _("%(by)s put %(person)s on call"), icon="phone")
register("oncall.removed", _("%(by)s took a shift of %(person)s off the schedule"), icon="phone")
register("oncall.steps", _("%(by)s changed the escalation: %(count)s steps"), icon="phone")
register(
    "people.late",
    _("Calls were %(minutes)s minutes late (%(people)s); the auditor made them"),
    icon="st-attn",
    group="system",
)
