"""Brands one may see, and the journal."""

from __future__ import annotations

from ninja import Router

from stormdesk.api.access import needs
from stormdesk.api.shapes import BrandOut, EntryOut
from stormdesk.journal import queries
from stormdesk.people.access import PersonRequest, brands_of
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right

router = Router(tags=["journal"])


@router.get("/brands", response=list[BrandOut])
def brands(request: PersonRequest):
    """The brands that you may see."""
    return brands_of(request.user)


@router.get("/brands/{brand}/journal", response=list[EntryOut])
@needs(Right.SEE)
def journal(request: PersonRequest, brand: Brand, crisis: int | None = None, limit: int = 100):
    """The newest entries first, with their hashes; of one crisis or of the whole brand."""
    return queries.entries(brand, crisis=crisis, limit=min(max(limit, 1), 1000))


@router.get("/brands/{brand}/journal/verify")
@needs(Right.SEE)
def verify(request: PersonRequest, brand: Brand):
    """Every place at which the chain is broken; an empty list means that nothing was altered."""
    return {"faults": [{"sequence": fault.sequence, "what": fault.what} for fault in queries.verify(brand)]}
