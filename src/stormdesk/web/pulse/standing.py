"""How one brand stands: its state in words, and what those words rest on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from stormdesk.core.charts import Svg
from stormdesk.declare.models import Crisis
from stormdesk.declare.queries import open_crisis
from stormdesk.detect import queries as detect
from stormdesk.detect.models import Alert
from stormdesk.detect.rules import Level
from stormdesk.listen import queries as listen
from stormdesk.listen.models import Source
from stormdesk.listen.rules import SourceState
from stormdesk.people.models import Brand
from stormdesk.reply.queries import waiting

FULLY_HEARD = 0.9


@dataclass(frozen=True)
class Ears:
    """The sources of a brand, and how many of them speak."""

    sources: list[Source] = field(default_factory=list)

    @property
    def active(self) -> list[Source]:
        return [source for source in self.sources if source.state != SourceState.OFF]

    @property
    def speaking(self) -> int:
        return sum(source.state == SourceState.OK for source in self.active)

    @property
    def deaf(self) -> list[Source]:
        return [source for source in self.active if source.state != SourceState.OK]


@dataclass
class Standing:
    """One brand on Pulse; `picture` only for the few that are drawn."""

    brand: Brand
    crisis: Crisis | None
    alerts: list[Alert]
    ears: Ears
    hour: detect.LastHour
    waiting: int
    waiting_since: datetime | None
    picture: Svg | None = None

    @property
    def kind(self) -> str:
        """The shape of the state: crisis, attn, watch (a drill runs), quiet (cannot say it is calm) or ok."""
        if self.crisis:
            return "watch" if self.brand.is_drill else "crisis"
        if self.storms:
            return "attn"
        if not self.ears.active or self.hour.heard < FULLY_HEARD or self.ears.deaf:
            return "quiet"
        return "ok"

    @property
    def storms(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.level != Level.BLIND]

    @property
    def words(self) -> str:
        """The state in a few words, after the brand's name."""
        if self.crisis:
            words = _("drill: %(title)s") if self.brand.is_drill else _("crisis: %(title)s")
            return words % {"title": self.crisis.title}
        if self.storms:
            return _("needs attention")
        if not self.ears.active:
            return _("listens to nothing yet")
        if self.kind == "quiet":
            return _("partly deaf")
        return _("as usual") if self.hour.low is not None else _("learning what is usual")

    @property
    def sentence(self) -> str:
        """What a chart cannot say: the alert's own sentence, or that calm cannot be claimed."""
        if self.storms:
            return detect.sentence_of(self.storms[0])
        if not self.ears.active:
            return _("Nothing is heard, so nothing can be noticed. Add a source and words to listen for.")
        if self.ears.deaf:
            names = ", ".join(source.name for source in self.ears.deaf[:3])
            return _("%(sources)s cannot be heard. Calm cannot be claimed.") % {"sources": names}
        if self.hour.heard < FULLY_HEARD:
            return _("Part of the last hour was not heard. Calm cannot be claimed.")
        return ""

    @property
    def margin(self) -> int | None:
        """How far the share of negative may be off, in percentage points (95 %, binomial); None below ten mentions."""
        return margin_of(self.hour.negative_share, self.hour.mentions)


def margin_of(share: float | None, count: int) -> int | None:
    """How far a share of `count` mentions may be off, in percentage points (95 %, binomial); None below ten."""
    if share is None or count < 10:
        return None
    return max(1, math.ceil(196 * math.sqrt(max(share * (1 - share), 0.01) / count)))


def standing(brand: Brand, now: datetime) -> Standing:
    """The brand's state, without its picture."""
    queue = waiting(brand, now=now)
    return Standing(
        brand=brand,
        crisis=open_crisis(brand),
        alerts=detect.open_alerts(brand),
        ears=Ears(listen.sources_of(brand)),
        hour=detect.last_hour(brand, now),
        waiting=queue.count,
        waiting_since=queue.oldest,
    )
