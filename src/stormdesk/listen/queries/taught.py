"""How well the reader does for a brand, as far as its people said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from stormdesk.listen.models import Correction, Mention, Taught
from stormdesk.people.models import Brand
from stormdesk.understand import BrandHeads, Trial


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of one field in a time: `right` of `labels` had been understood as they say."""

    field: str
    labels: int
    right: int

    @property
    def share(self) -> float | None:
        return self.right / self.labels if self.labels else None


def taught(brand: Brand) -> Taught | None:
    """The row of what the brand's people taught."""
    return Taught.objects.filter(brand=brand).first()


def trials_of(brand: Brand) -> list[Trial]:
    """Every comparison of the brand's own heads with the general ones, newest first."""
    found = taught(brand)
    if found is None:
        return []
    try:
        return list(reversed(BrandHeads.load(bytes(found.heads)).history))
    except ValueError:
        return []


def said_of_reading(brand: Brand, since: datetime) -> list[Said]:
    """By field: on how many mentions people gave their word since then, and how many had been understood right.

    People look at what seems wrong first, so the share is a lower bound of how often the reader is right.
    """
    rows = (
        Correction.objects.filter(mention__brand=brand, at__gte=since)
        .values("field")
        .annotate(labels=Count("pk"), right=Count("pk", filter=Q(was=F("value"))))
        .order_by("field")
    )
    return [Said(row["field"], row["labels"], row["right"]) for row in rows]


def paths(brand: Brand, now: datetime, days: int = 7) -> dict[str, int]:
    """How many mentions were read on each path in the last days."""
    rows = Mention.objects.filter(brand=brand, heard_at__gte=now - timedelta(days=days))
    return dict(rows.order_by().values_list("path").annotate(n=Count("pk")))
