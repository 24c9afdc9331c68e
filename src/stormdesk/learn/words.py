"""The questions a review asks people, and states in words."""

from django.utils.translation import gettext_lazy as _

from stormdesk.learn.rules import MeasureState

QUESTIONS = {
    "cause": _("Why did it happen? Ask why again until the answer is something you can change."),
    "signal": _("What could have told us earlier?"),
    "helped": _("What helped most?"),
    "harmed": _("What made it worse, or cost time?"),
    "people": _("What did people want that we did not give?"),
    "next": _("What do we do differently next time?"),
}

MEASURE_WORDS = {
    MeasureState.OPEN: _("open"),
    MeasureState.DONE: _("done"),
    MeasureState.DROPPED: _("dropped"),
}

MARK_WORDS = {
    "done": ("ok", _("done")),
    "late": ("attn", _("late, half the points")),
    "part": ("attn", _("in part")),
    "missed": ("attn", _("missed")),
    "ahead": ("quiet", _("its time has not come")),
}
