"""Pages of noticing."""

from stormdesk.detect.views.alerts import (
    acknowledge,
    alert,
    alerts,
    decide_concern,
    dismiss,
    end_silence,
    raise_concern,
    silence,
)
from stormdesk.detect.views.definition import definition
from stormdesk.detect.views.known import known, remove_known
from stormdesk.detect.views.series import series, series_svg

__all__ = [
    "acknowledge", "alert", "alerts", "decide_concern", "definition", "dismiss", "end_silence", "known", "raise_concern",
    "remove_known", "series", "series_svg", "silence",
]  # fmt: skip
