"""What a screen or another stage may ask of listening."""

from stormdesk.listen.queries.daily import Day, day_of
from stormdesk.listen.queries.filters import Filters
from stormdesk.listen.queries.heard import (
    Page,
    by_author,
    copies_of,
    corrections_count,
    corrections_of,
    count_up_to,
    get_mention,
    mentions,
    mentions_by_id,
    page_of,
    thread_of,
    versions_of,
    waiting_count,
)
from stormdesk.listen.queries.minutes import Completeness, Minute, completeness, counts, minutes
from stormdesk.listen.queries.narratives import (
    Spreader,
    get_narrative,
    growth,
    narratives,
    spreaders,
    standing,
    told_by,
)
from stormdesk.listen.queries.places import (
    Facets,
    facets,
    gaps_of,
    get_import,
    get_query,
    get_source,
    heard_from,
    imports_of,
    listens,
    newest,
    queries_of,
    saved_filters,
    sources_of,
)
from stormdesk.listen.queries.search import search
from stormdesk.listen.queries.trial import Trial, try_query

__all__ = [
    "Completeness", "Day", "Facets", "Filters", "Minute", "Page", "Spreader", "Trial", "by_author", "completeness", "copies_of",
    "corrections_count", "corrections_of", "count_up_to", "counts", "day_of", "facets", "gaps_of", "get_import", "get_mention",
    "get_narrative", "get_query", "get_source", "growth", "heard_from", "imports_of", "listens", "mentions",
    "mentions_by_id", "minutes", "narratives", "newest", "page_of", "queries_of", "saved_filters", "search",
    "sources_of", "spreaders", "standing", "thread_of", "told_by", "try_query", "versions_of", "waiting_count",
]  # fmt: skip
