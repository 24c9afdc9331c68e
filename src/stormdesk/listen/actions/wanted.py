"""The brand's queries: what is listened for from now on; and the filters a person keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stormdesk.core.errors import Refused
from stormdesk.journal.actions import announce, record
from stormdesk.listen.matching import parse
from stormdesk.listen.models import Query, SavedFilter
from stormdesk.listen.rules import QueryKind
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right


def save_query(
    *,
    brand: Brand,
    by: User | None,
    now: datetime,
    name: str,
    expression: str,
    kind: QueryKind = QueryKind.BRAND,
    languages: Sequence[str] = (),
    is_active: bool = True,
    query: Query | None = None,
) -> Query:
    """Add a query, or change `query`. What was heard before stays as it is. Raises AccessDenied, QueryError, Refused."""
    require(by, Right.SETTINGS, brand)
    parse(expression)
    values = {
        "name": name.strip()[:120],
        "expression": expression.strip(),
        "kind": QueryKind(kind),
        "languages": sorted(set(languages)),
        "is_active": is_active,
        "saved_by": by,
        "saved_at": now,
    }
    try:
        with transaction.atomic():
            if query is None:
                query = Query.objects.create(brand=brand, **values)
            else:
                Query.objects.filter(pk=query.pk, brand=brand).update(**values)
                query.refresh_from_db()
            record(
                "query.saved",
                brand=brand,
                by=by,
                now=now,
                subject=f"query:{query.pk}",
                facts={"name": query.name, "expression": query.expression[:500]},
            )
            announce(brand, "sources", now=now)
    except IntegrityError:
        raise Refused(_("There is already a query with this name. Give this one another.")) from None
    return query


def remove_query(*, query: Query, by: User | None, now: datetime) -> None:
    """Stop listening for it; what it found stays heard. Raises AccessDenied."""
    require(by, Right.SETTINGS, query.brand)
    with transaction.atomic():
        record(
            "query.removed",
            brand=query.brand,
            by=by,
            now=now,
            subject=f"query:{query.pk}",
            facts={"name": query.name},
        )
        Query.objects.filter(pk=query.pk).delete()


def save_filter(*, brand: Brand, by: User, name: str, query: str) -> SavedFilter:
    """Keep a view of Heard under a name, for oneself; the same name again replaces it. Raises AccessDenied."""
    require(by, Right.SEE, brand)
    saved, _new = SavedFilter.objects.update_or_create(
        brand=brand, user=by, name=name.strip()[:80], defaults={"query": query[:1000]}
    )
    return saved


def remove_filter(*, brand: Brand, by: User, pk: int) -> None:
    """Forget a kept view; nothing happens when it is somebody else's."""
    SavedFilter.objects.filter(brand=brand, user=by, pk=pk).delete()
