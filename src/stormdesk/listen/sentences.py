"""What the journal says about listening."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("source.added", _("%(by)s added the source %(source)s"), icon="audio-lines")
register("source.changed", _("%(by)s changed the source %(source)s"), icon="audio-lines")
register("source.off", _("%(by)s switched off the source %(source)s: %(reason)s"), icon="audio-lines")
register("source.on", _("%(by)s switched on the source %(source)s"), icon="audio-lines")
register(
    "source.again",
    _("%(source)s is listened to again: nothing stands in for it now"),
    icon="audio-lines",
    group="system",
)
register("source.brought", _("%(by)s has %(network)s bring its messages to %(source)s"), icon="audio-lines")
register("source.not_brought", _("%(network)s brings no more messages to %(source)s"), icon="audio-lines")
register("source.failing", _("%(source)s cannot be heard: %(why)s"), icon="st-attn", group="system")
register("source.silent", _("%(source)s has fallen silent: %(why)s"), icon="st-quiet", group="system")
register("source.back", _("%(source)s is heard again"), icon="check", group="system")
register("query.saved", _("%(by)s set the query “%(name)s”: %(expression)s"), icon="search")
register("query.removed", _("%(by)s removed the query “%(name)s”"), icon="search")
register(
    "mention.corrected",
    _("%(by)s corrected a mention by %(author)s: %(field)s is %(value)s, not %(was)s"),
    icon="pencil",
)
register(
    "mention.confirmed", _("%(by)s confirmed a mention by %(author)s: %(field)s is %(value)s"), icon="check"
)
register(
    "reader.learnt",
    _("The reader learnt from %(labels)s labels of the team and does better: %(fields)s"),
    icon="graduation-cap",
    group="system",
)
register(
    "reader.no_better",
    _("The reader tried what %(labels)s labels of the team teach; it is no better yet"),
    icon="graduation-cap",
    group="system",
)
register(
    "reader.own_on", _("%(by)s lets mentions be read with what the team has taught"), icon="graduation-cap"
)
register(
    "reader.own_off", _("%(by)s lets mentions be read with the general heads alone"), icon="graduation-cap"
)
register("mention.flagged", _("%(by)s flagged mentions: %(count)s"), icon="flag")
register("mention.unflagged", _("%(by)s took the flag off mentions: %(count)s"), icon="flag")
register("mention.to_crisis", _("%(by)s added mentions to the crisis: %(count)s"), icon="flag")
register("mention.exported", _("%(by)s exported mentions: %(count)s"), icon="download")
register("import.started", _("%(by)s started to import %(file)s"), icon="upload")
register(
    "import.done",
    _("%(file)s is imported: %(stored)s new, %(duplicates)s known already, %(refused)s refused"),
    icon="upload",
    group="system",
)
register("import.failed", _("%(file)s could not be imported: %(why)s"), icon="st-attn", group="system")
register("listen.rebuilt", _("Counters and search were built anew from %(count)s mentions"), group="system")
register(
    "daily.signed",
    _("%(by)s signed the daily review: %(said)s said to us, %(waiting)s wait for an answer"),
    icon="clipboard-check",
)
