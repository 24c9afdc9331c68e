"""What a person or a job may do with listening; the only writer of this stage's tables."""

from stormdesk.listen.actions.daily import sign_daily_review
from stormdesk.listen.actions.doors import (
    bring,
    fetch,
    look_at_doors,
    switch_off,
)
from stormdesk.listen.actions.handling import (
    add_to_crisis,
    correct_mention,
    export_mentions,
    flag_mentions,
    rebuild,
    set_waiting,
)
from stormdesk.listen.actions.health import check_sources
from stormdesk.listen.actions.hooks import HOOK_BYTES, receive
from stormdesk.listen.actions.ingest import Ingested, ingest
from stormdesk.listen.actions.learning import learn_from_people, use_own_heads
from stormdesk.listen.actions.polling import poll_sources
from stormdesk.listen.actions.sources import add_source, edit_source, switch_source, try_source
from stormdesk.listen.actions.uploads import bring_file, read_imports, start_import
from stormdesk.listen.actions.wanted import remove_filter, remove_query, save_filter, save_query

__all__ = [
    "HOOK_BYTES",
    "Ingested",
    "add_source",
    "add_to_crisis",
    "bring",
    "bring_file",
    "check_sources",
    "correct_mention",
    "edit_source",
    "export_mentions",
    "fetch",
    "flag_mentions",
    "ingest",
    "learn_from_people",
    "look_at_doors",
    "poll_sources",
    "read_imports",
    "rebuild",
    "receive",
    "remove_filter",
    "remove_query",
    "save_filter",
    "save_query",
    "set_waiting",
    "sign_daily_review",
    "start_import",
    "switch_off",
    "switch_source",
    "try_source",
    "use_own_heads",
]
