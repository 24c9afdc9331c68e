"""What a screen or another stage may ask of listening."""

from stormdesk.listen.queries.filters import Filters
from stormdesk.listen.queries.heard import (
    Page,
    copies_of,
    corrections_count,
    get_mention,
    mentions,
    mentions_by_id,
    page_of,
    thread_of,
    waiting_count,
)
from stormdesk.listen.queries.minutes import Completeness, Minute, completeness, counts, minutes
from stormdesk.listen.queries.narratives import (
    get_narrative,
    growth,
    narratives,
    spreaders,
)
from stormdesk.listen.queries.search import search

__all__ = [
    "Completeness",
    "Filters",
    "Minute",
    "Page",
    "completeness",
    "copies_of",
    "corrections_count",
    "counts",
    "get_mention",
    "get_narrative",
    "growth",
    "mentions",
    "mentions_by_id",
    "minutes",
    "narratives",
    "page_of",
    "search",
    "spreaders",
    "thread_of",
    "waiting_count",
]
