"""What a person or a job may do with listening; the only writer of this stage's tables."""

from stormdesk.listen.actions.handling import add_to_crisis, correct_mention, flag_mentions, rebuild
from stormdesk.listen.actions.health import check_sources
from stormdesk.listen.actions.ingest import Ingested, ingest
from stormdesk.listen.actions.polling import poll_sources
from stormdesk.listen.actions.sources import add_source, edit_source, switch_source, try_source
from stormdesk.listen.actions.wanted import remove_filter, remove_query, save_filter, save_query

__all__ = [
    "Ingested",
    "add_source",
    "add_to_crisis",
    "check_sources",
    "correct_mention",
    "edit_source",
    "flag_mentions",
    "ingest",
    "poll_sources",
    "rebuild",
    "remove_filter",
    "remove_query",
    "save_filter",
    "save_query",
    "switch_source",
    "try_source",
]
