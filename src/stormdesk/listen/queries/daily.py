"""The daily review: what was said to the brand's own accounts since somebody last signed (L7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from stormdesk.listen import rules
from stormdesk.listen.models import DailyReview, Mention
from stormdesk.people.models import Brand

LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Day:
    """What is to be looked at: since when, the numbers, and the mentions, the most urgent first."""

    since: datetime
    until: datetime
    said: int
    waiting: int
    negative: int
    scam: int
    mentions: list[Mention]
    last: DailyReview | None
    past: list[DailyReview]

    def facts(self) -> dict[str, int]:
        """The numbers that are kept with the signature."""
        return {"said": self.said, "waiting": self.waiting, "negative": self.negative, "scam": self.scam}


def day_of(brand: Brand, now: datetime) -> Day:
    """Everything addressed to the brand since the last signature, or since yesterday; at most a week."""
    past = list(DailyReview.objects.filter(brand=brand).select_related("by")[:10])
    last = past[0] if past else None
    since = max(last.until, now - LONGEST) if last else now - timedelta(days=1)
    rows = Mention.objects.filter(
        brand=brand, addressed=True, is_own=False, heard_at__gt=since, heard_at__lte=now
    )
    facts = rows.order_by().aggregate(
        said=Count("pk"),
        waiting=Count("pk", filter=Q(waits=True)),
        negative=Count("pk", filter=Q(mood="negative")),
        scam=Count("pk", filter=Q(scam__gte=rules.SCAM)),
    )
    mentions = list(rows.order_by("-waits", "-urgency", "-scam", "published_at")[:100])
    return Day(since=since, until=now, mentions=mentions, last=last, past=past, **facts)
