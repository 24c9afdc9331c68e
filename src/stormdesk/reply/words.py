"""States of a conversation, urgencies and hints in words."""

from django.utils.translation import gettext_lazy as _

from stormdesk.publish.rules import PostState
from stormdesk.reply.rules import ConversationState

STATE_WORDS = {
    ConversationState.WAITING: _("waits"),
    ConversationState.ANSWERED: _("answered"),
    ConversationState.PRIVATE: _("in private"),
    ConversationState.CLOSED: _("closed"),
}

URGENCY_WORDS = {
    3: _("very urgent"),
    2: _("urgent"),
    1: _("soon"),
    0: _("can wait"),
}

HINTS = {
    "sorry": (
        _("Nothing kind is said yet"),
        _("This person complains. A sentence that shows you understand is read before any advice."),
        _("Begin with being sorry, or with thanks for telling."),
    ),
    "cold": (
        _("Office words: “%(words)s”"),
        _("They read as if nobody had read the question."),
        _("Say it as you would on the telephone."),
    ),
    "long": (
        _("Long for a public answer: %(number)s characters"),
        _("Few people read to the end, and details belong in private."),
        _("One or two sentences here, the rest in a private message."),
    ),
    "alike": (
        _("%(number)s people have just had the same words"),
        _("Everybody reads these answers side by side; a form letter reads as indifference."),
        _("Say something about this person's own case."),
    ),
}
"""Title, reason and remedy of each hint about an answer."""

POST_WORDS = {
    PostState.SCHEDULED: _("going out"),
    PostState.SENDING: _("going out"),
    PostState.SENT: _("sent"),
    PostState.HELD: _("waits"),
    PostState.FAILED: _("did not go out"),
    PostState.UNKNOWN: _("the network is asked whether it arrived"),
    PostState.DROPPED: _("was dropped"),
    PostState.DELETED: _("was deleted"),
}
"""What became of an answer."""

SHOW_WORDS = {
    "": _("By urgency"),
    "mine": _("Mine"),
    "unassigned": _("Nobody's"),
    "urgent": _("Very urgent"),
    "late": _("Late"),
}
