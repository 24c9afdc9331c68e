"""The questions a review asks people, and states in words."""

from datetime import timedelta

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
    "done": ("ok", _("earned")),
    "late": ("attn", _("late, half the points")),
    "part": ("attn", _("in part")),
    "missed": ("attn", _("missed")),
    "ahead": ("quiet", _("still ahead")),
}

SPEED_WORDS = {
    "noticed": (_("First post noticed"), _("from the first post to the alert"), timedelta(minutes=30)),
    "acknowledged": (_("Alert acknowledged"), _("from the alert"), timedelta(minutes=10)),
    "declared": (_("Crisis declared"), _("from the alert, or the first post"), timedelta(minutes=20)),
    "paused": (_("Publishing stopped"), _("from the declaration"), timedelta(minutes=5)),
    "first_statement": (_("First statement"), _("from the declaration"), timedelta(minutes=20)),
    "contained": (_("Contained"), _("from the declaration"), None),
    "resolved": (_("Resolved"), _("from the declaration"), None),
}
"""What is timed, from when, and what teams aim at; the aims are the drills' too."""

VERDICT_WORDS = {
    "helped": _("helped"),
    "harmed": _("made it worse"),
    "unclear": _("no clear effect"),
    "untold": _("cannot be told"),
}

REPORT_WORDS = {
    "confirmed": _("confirmed"),
    "checking": _("being checked"),
    "unknown": _("not known yet"),
    "refuted": _("refuted"),
}
"""What a department says of what it reports."""
