"""What may be done with posts, statements and facts; the only writer of this stage's tables beside the outbox."""

from stormdesk.publish.actions.facts import add_fact, settle_fact
from stormdesk.publish.actions.held import ask_to_delete, release_held, release_together, settle_unknown
from stormdesk.publish.actions.posts import (
    approve_post,
    draft_post,
    draft_posts,
    drop_post,
    edit_post,
    edit_posts,
    restore_post,
    schedule_post,
    send_for_review,
    send_group_for_review,
)
from stormdesk.publish.actions.replies import send_reply
from stormdesk.publish.actions.statements import OPEN as OPEN_STATEMENTS
from stormdesk.publish.actions.statements import (
    approve_statement,
    draft_statement,
    edit_statement,
    publish_statement_posts,
    send_statement_for_review,
    withdraw_statement,
)

__all__ = [
    "OPEN_STATEMENTS",
    "add_fact",
    "approve_post",
    "approve_statement",
    "ask_to_delete",
    "draft_post",
    "draft_posts",
    "draft_statement",
    "drop_post",
    "edit_post",
    "edit_posts",
    "edit_statement",
    "publish_statement_posts",
    "release_held",
    "release_together",
    "restore_post",
    "schedule_post",
    "send_for_review",
    "send_group_for_review",
    "send_reply",
    "send_statement_for_review",
    "settle_fact",
    "settle_unknown",
    "withdraw_statement",
]
