"""What the journal says about pauses."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register
from stormdesk.notify.messages import register_message

register("pause.started", _("%(by)s paused publishing (%(scope)s): %(reason)s"), icon="st-paused", mark=True)
register("pause.seconded", _("%(by)s asked for the same pause (%(scope)s): %(reason)s"), icon="st-paused")
register(
    "pause.in_force",
    _("The pause (%(scope)s) is in force: nothing it covers is on the wire any more"),
    icon="st-paused",
    group="system",
)
register("pause.ended", _("%(by)s ended the pause (%(scope)s)"), icon="play", group="decision", mark=True)
register("pause.postponed", _("%(by)s left the pause (%(scope)s) on until the next review"), icon="clock")
register(
    "pause.reminded",
    _("Reminder: publishing is still paused (%(scope)s); %(people)s were asked"),
    icon="bell",
    group="system",
)

register_message(
    "pause.review",
    _("%(brand)s: publishing is still paused"),
    _("Paused: %(scope)s. Reason: %(reason)s. Should it go on? End it or leave it on for some hours more."),
)
