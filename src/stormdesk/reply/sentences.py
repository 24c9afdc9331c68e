"""What the journal says about conversations."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("conversation.answered", _("%(by)s answered %(person)s in public"), icon="reply")
register("conversation.answered_privately", _("%(by)s wrote to %(person)s in private"), icon="lock")
register(
    "conversation.moved",
    _("%(by)s answered %(person)s in public and went on in private"),
    icon="lock",
)
register("conversation.given", _("%(by)s gave %(person)s to %(owner)s"), icon="user")
register("conversation.taken", _("%(by)s takes care of %(person)s"), icon="user")
register("conversation.noted", _("%(by)s about %(person)s: %(text)s"), icon="pencil")
register("conversation.closed", _("%(by)s closed the conversation with %(person)s: %(reason)s"), icon="check")
register("conversation.public_closed", _("%(by)s closed the public half with %(person)s"), icon="check")
register("conversation.reopened", _("%(by)s opened the conversation with %(person)s again"), icon="undo-2")
register(
    "conversation.not_sent",
    _("The answer to %(person)s did not go out, so the person waits again: %(problem)s"),
    icon="st-attn",
    group="system",
)
register(
    "conversation.settled",
    _("%(person)s no longer waits: the post was deleted or corrected"),
    icon="check",
    group="system",
)
