"""What people taught: a brand's own heads, learnt from their words on mentions, used where they are measurably better."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from stormdesk.core.errors import Conflict
from stormdesk.journal.actions import announce, record
from stormdesk.listen import rules
from stormdesk.listen.models import Correction, Taught
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.understand import BrandHeads, Label, Text, learn

log = logging.getLogger("stormdesk.listen")

# By brand: what stood in the row when it was read, and the heads. A process keeps the heads of the brands it reads for.
_kept: dict[int, tuple[object, Mapping[str, BrandHeads]]] = {}


def heads_for(brand: Brand) -> Mapping[str, BrandHeads]:
    """The heads to read this brand's posts with, by its name; empty when there are none or people switched them off."""
    stands = Taught.objects.filter(brand=brand).values_list("is_used", "pk", "labels", "learnt_at").first()
    kept = _kept.get(brand.pk)
    if kept and kept[0] == (brand.name, stands):
        return kept[1]
    heads: Mapping[str, BrandHeads] = {}
    if stands and stands[0]:
        try:
            heads = {brand.name: BrandHeads.load(bytes(Taught.objects.get(brand=brand).heads))}
        except ValueError:  # of another version: learnt anew at the next turn
            log.warning("saved heads of another version", extra={"brand": brand.slug})
    _kept[brand.pk] = ((brand.name, stands), heads)
    return heads


def labels_of(brand: Brand) -> list[Label]:
    """People's latest word on each mention and field that can be learnt, oldest first."""
    said: dict[tuple[int, str], Label] = {}
    rows = Correction.objects.filter(mention__brand=brand, field__in=rules.LEARNABLE).select_related(
        "mention"
    )
    for row in rows.order_by("at", "pk"):
        mention = row.mention
        key = (mention.pk, row.field)
        said.pop(key, None)
        text = Text(str(mention.pk), mention.text, brand.name, mention.author_handle, mention.language)
        said[key] = Label(text, rules.LEARNABLE[row.field], row.value)
    return list(said.values())


def learn_from_people(now: datetime) -> int:
    """Learn anew for every brand with enough new words from people; returns for how many.

    A brand's turn takes seconds and holds up nothing else. What was learnt is told in the journal, better or not.
    """
    counts = (
        Correction.objects.filter(field__in=rules.LEARNABLE)
        .values("mention__brand")
        .annotate(labels=Count("pk"), last=Max("at"))
    )
    learnt = 0
    for row in counts:
        taught = Taught.objects.filter(brand=row["mention__brand"]).first()
        if not rules.time_to_learn(
            row["labels"], taught.labels if taught else 0, last=row["last"],
            learnt_at=taught.learnt_at if taught else None, now=now,
        ):  # fmt: skip
            continue
        _learn(Brand.objects.get(pk=row["mention__brand"]), taught, row["labels"], now)
        learnt += 1
    return learnt


def _learn(brand: Brand, taught: Taught | None, labels: int, now: datetime) -> None:
    earlier = None
    if taught:
        try:
            earlier = BrandHeads.load(bytes(taught.heads))
        except ValueError:
            earlier = None
    heads = learn(labels_of(brand), now, earlier)
    used = sorted({field for field, _path in heads.heads})
    with transaction.atomic():
        Taught.objects.update_or_create(
            brand=brand, defaults={"heads": heads.dump(), "labels": labels, "learnt_at": now}
        )
        record(
            "reader.learnt" if used else "reader.no_better",
            brand=brand,
            by=None,
            now=now,
            facts={"labels": labels, "fields": ", ".join(used)},
        )
        announce(brand, "mentions", now=now)


def use_own_heads(*, brand: Brand, by: User, now: datetime, on: bool) -> None:
    """Read with what the people taught, or with the general heads alone. Mentions read before stay as they are.

    Raises AccessDenied, and Conflict when it stands so already.
    """
    require(by, Right.SETTINGS, brand)
    with transaction.atomic():
        if not Taught.objects.filter(brand=brand, is_used=not on).update(is_used=on):
            raise Conflict(_("It stands so already; nothing was changed."))
        record("reader.own_on" if on else "reader.own_off", brand=brand, by=by, now=now)
