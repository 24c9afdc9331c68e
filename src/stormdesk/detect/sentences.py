"""What the journal and messages say about alerts."""

from django.utils.translation import gettext_lazy as _

from stormdesk.detect.pictures import mailed_picture
from stormdesk.journal.registry import register
from stormdesk.notify.messages import register_message, register_picture

register("alert.noticed", _("Alert: %(sentence)s"), icon="bell", group="outside", mark=True)
register("alert.silenced", _("Alert, silenced (%(reason)s): %(sentence)s"), icon="bell", group="outside")
register(
    "alert.explained",
    _("Unusual, but something known explains it; nobody was called: %(sentence)s"),
    icon="bell",
    group="outside",
)
register("alert.grew", _("The alert grew: %(sentence)s"), icon="bell", group="outside")
register("alert.passed", _("The storm passed by itself"), icon="check", group="outside")
register("alert.blind", _("%(source)s is not heard: %(problem)s"), icon="st-quiet", group="system")
register("alert.hears_again", _("%(source)s is heard again"), icon="check", group="system")
register("alert.acknowledged", _("%(by)s took the alert"), icon="check")
register("alert.dismissed", _("%(by)s decided it is not a crisis: %(why)s"), icon="x", group="decision")
register(
    "silence.started", _("%(by)s silenced alerts until %(until)s: %(reason)s"), icon="clock", group="decision"
)
register("silence.ended", _("%(by)s ended the silence"), icon="bell", group="decision")
register("concern.raised", _("%(by)s raised a concern: %(text)s"), icon="st-attn")
register(
    "concern.react",
    _("%(by)s decided that “%(text)s” needs a reaction: %(why)s"),
    icon="check",
    group="decision",
)
register(
    "concern.no_reaction", _("%(by)s decided that “%(text)s” needs none: %(why)s"), icon="x", group="decision"
)
register("known.added", _("%(by)s noted ahead: %(name)s, from %(from)s until %(until)s"), icon="clock")
register("known.removed", _("%(by)s removed what was noted ahead: %(name)s"), icon="x")
register(
    "definition.saved",
    _("%(by)s saved version %(version)s of what is a crisis: %(budget)s false alarms a week"),
    icon="settings",
)

register_message(
    "alert", _("Alert: %(sentence)s"), _("%(sentence)s\nOpen it, and say whether it is a crisis.")
)
register_picture("alert", mailed_picture)
register_message("alert.blind", _("Not heard: %(source)s"), _("%(source)s is not heard. %(sentence)s"))
register_message("concern", _("%(person)s raised a concern"), _("%(person)s: %(text)s"))
