"""The inbox fills itself."""

from datetime import datetime, timedelta

from stormdesk.core.jobs import Job
from stormdesk.reply import actions


def conversations(now: datetime) -> int:
    """Open conversations for what waits for an answer."""
    return actions.open_conversations(now=now)


def upkeep(now: datetime) -> int:
    """Close what nobody waits for any more; take up again what did not go out."""
    return actions.settle_conversations(now=now) + actions.reopen_unsent(now=now)


JOBS = [
    Job("conversations", every=timedelta(seconds=2), run=conversations),
    Job("conversation upkeep", every=timedelta(seconds=20), run=upkeep),
]
