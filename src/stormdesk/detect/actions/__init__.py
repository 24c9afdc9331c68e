"""Scoring what was heard, raising and growing alerts, and what people decide about them."""

from stormdesk.detect.actions.concerns import decide_concern, raise_concern
from stormdesk.detect.actions.deciding import (
    acknowledge_alert,
    dismiss_alert,
    end_silences,
    mark_declared,
    save_definition,
    silence,
)
from stormdesk.detect.actions.known import add_known, remove_known
from stormdesk.detect.actions.raising import sentences, watch_sources
from stormdesk.detect.actions.scoring import score_brand
from stormdesk.detect.actions.trying import ask_trial, cancel_trial, run_trials

__all__ = [
    "acknowledge_alert",
    "add_known",
    "ask_trial",
    "cancel_trial",
    "decide_concern",
    "dismiss_alert",
    "end_silences",
    "mark_declared",
    "raise_concern",
    "remove_known",
    "run_trials",
    "save_definition",
    "score_brand",
    "sentences",
    "silence",
    "watch_sources",
]
