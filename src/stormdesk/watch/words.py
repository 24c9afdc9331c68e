"""Phases of a storm in words."""

from django.utils.translation import gettext_lazy as _

from stormdesk.watch.rules import Phase

PHASE_WORDS = {
    Phase.UNKNOWN: _("Cannot be told"),
    Phase.GROWING: _("Growing"),
    Phase.PEAK: _("At the peak"),
    Phase.FADING: _("Fading, not over"),
    Phase.QUIET: _("Quiet, not over"),
    Phase.OVER: _("Over"),
}
