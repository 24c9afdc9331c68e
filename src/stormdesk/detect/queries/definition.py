"""The definition in force and those before it."""

from __future__ import annotations

from stormdesk.detect.models import Definition
from stormdesk.detect.rules.criteria import Criteria
from stormdesk.people.models import Brand


def definition(brand: Brand) -> Definition:
    """The definition in force; before anybody saved one, a desk that is still learning tolerates one false alarm a week."""
    found = Definition.objects.filter(brand=brand).select_related("saved_by").first()
    return found or Definition(brand=brand, version=0, budget=1.0)


def criteria(brand: Brand) -> Criteria:
    """What the definition in force asks for."""
    present = definition(brand)
    return Criteria.of(present.budget, present.settings)
