"""The open crisis, its team and measures; playbooks of a brand."""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404

from stormdesk.declare import playbooks as shipped
from stormdesk.declare.models import Crisis, Measure, Playbook, TeamMember
from stormdesk.declare.rules import OPEN_STATES, MeasureKind
from stormdesk.people.models import Brand, User


def open_crisis(brand: Brand) -> Crisis | None:
    """The crisis that is not resolved yet; a brand has at most one."""
    return Crisis.objects.filter(brand=brand, state__in=OPEN_STATES).select_related("lead").first()


def get_crisis(brand: Brand, pk: int) -> Crisis:
    """Raises Http404 for another brand's crisis."""
    found = Crisis.objects.filter(brand=brand, pk=pk).select_related("lead", "brand", "alert").first()
    if found is None:
        raise Http404
    return found


def crises_of(brand: Brand) -> list[Crisis]:
    """All crises, newest first."""
    return list(Crisis.objects.filter(brand=brand).select_related("lead"))


def team(crisis: Crisis) -> list[TeamMember]:
    """Everybody with a role in the crisis."""
    return list(crisis.team.select_related("user").order_by("added_at", "pk"))


def team_users(crisis: Crisis) -> list[User]:
    """The same people, each once."""
    return list(User.objects.filter(crisis_roles__crisis=crisis).distinct())


def measures(crisis: Crisis) -> list[Measure]:
    """What was done at once, in the order of the list of kinds."""
    order = list(MeasureKind)
    return sorted(crisis.measures.all(), key=lambda measure: order.index(MeasureKind(measure.kind)))


def playbooks_of(brand: Brand) -> list[Playbook]:
    """The brand's own playbooks."""
    return list(Playbook.objects.filter(brand=brand))


def playbook_body(brand: Brand, type_: str) -> dict:
    """The playbook that a crisis of this type copies: the brand's own, else the shipped one, else an empty one."""
    own = Playbook.objects.filter(brand=brand, type=type_).first()
    if own:
        return own.body
    for playbook in shipped.all(brand.language):
        if playbook.type == type_:
            return asdict(playbook)
    return {"title": "", "tasks": []}


def colleagues(brand: Brand) -> list[User]:
    """Everybody who works for the brand, by name."""
    return list(User.objects.filter(memberships__brand=brand, is_active=True).distinct().order_by("name"))
