"""What may be done with conversations; the only writer of this stage's tables."""

from stormdesk.reply.actions.answering import answer, close_public, move_to_private
from stormdesk.reply.actions.holding import assign, check_out, note, release, save_draft
from stormdesk.reply.actions.macros import begin_macros, use_macro
from stormdesk.reply.actions.opening import open_conversations, reopen_unsent, settle_conversations
from stormdesk.reply.actions.states import close, reopen

__all__ = [
    "answer",
    "assign",
    "begin_macros",
    "check_out",
    "close",
    "close_public",
    "move_to_private",
    "note",
    "open_conversations",
    "release",
    "reopen",
    "reopen_unsent",
    "save_draft",
    "settle_conversations",
    "use_macro",
]
