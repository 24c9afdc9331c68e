"""What the journal says about reviews and drills."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("review.opened", _("The review of “%(title)s” was opened: %(by)s"), icon="clipboard-check")
register("review.answered", _("%(by)s wrote %(count)s answers into the review"), icon="pencil")
register("review.finished", _("%(by)s finished the review"), icon="check", group="decision")
register("measure.added", _("%(by)s added a measure for %(owner)s: %(text)s"), icon="plus")
register("measure.done", _("%(by)s: done, %(text)s"), icon="check")
register("measure.dropped", _("%(by)s dropped the measure: %(text)s"), icon="x")
register("measure.open", _("%(by)s opened the measure again: %(text)s"), icon="plus")
register("drill.started", _("%(by)s started the drill"), icon="target")
register("drill.ended", _("The drill ended: %(got)s of %(of)s points"), icon="target")
