"""Full-text search over what a brand heard; equal answers on both databases."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from stormdesk.listen.matching import parse
from stormdesk.listen.matching import search as language
from stormdesk.listen.models import Mention
from stormdesk.people.models import Brand

_IN = {
    "sqlite": "SELECT rowid FROM listen_search WHERE listen_search MATCH %s",
    "postgresql": "SELECT mention FROM listen_search WHERE words @@ %s::tsquery",
}


def found(rows: QuerySet[Mention], expression: str) -> QuerySet[Mention]:
    """Those of `rows` whose text, or author, the expression finds. Raises QueryError."""
    tree = parse(expression)
    asked = language.fts5(tree) if connection.vendor == "sqlite" else language.tsquery(tree)
    return rows.filter(pk__in=RawSQL(_IN[connection.vendor], [asked]))


def search(brand: Brand, expression: str) -> QuerySet[Mention]:
    """Everything the brand heard that the expression finds, newest first: words in any form, "phrases",
    AND OR NOT, brackets, begin*. Raises QueryError, whose sentence says what to change."""
    return found(Mention.objects.filter(brand=brand), expression)
