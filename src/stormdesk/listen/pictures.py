"""Charts of listening, drawn by the server."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.core.charts import Mark, series_chart, sparkline
from stormdesk.listen import queries
from stormdesk.listen.models import Narrative


def narrative_spark(narrative: Narrative) -> str:
    """How a narrative grew, as a line without axes."""
    grown = [float(count) for _at, count in queries.growth(narrative, steps=16)]
    return sparkline(grown, title=_("Growth of the narrative"))


def narrative_growth(narrative: Narrative, spreaders: list[queries.Spreader]) -> dict[str, Any]:
    """All posts of a narrative over time, near-copies in grey, numbered spreaders; wide and narrow."""
    grown = queries.growth(narrative, steps=48)
    copies = queries.growth(narrative, steps=48, copies=True)
    title = _("Growth of the narrative “%(label)s”: from 1 post to %(n)s") % {
        "label": narrative.label,
        "n": narrative.mentions,
    }
    marks = [Mark(spreader.mention.published_at, str(n)) for n, spreader in enumerate(spreaders, 1)]
    return {
        size: series_chart(
            [(at, float(n)) for at, n in grown],
            copies=[(at, float(n)) for at, n in copies],
            marks=marks,
            title=title,
            size=size,
            zone=get_current_timezone(),
            language="ru" if (get_language() or "").startswith("ru") else "en",
        )
        for size in ("wide", "narrow")
    }
