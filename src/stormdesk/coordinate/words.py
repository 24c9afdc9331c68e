"""Kinds and states of a task in words."""

from django.utils.translation import gettext_lazy as _

from stormdesk.coordinate.rules import TaskKind, TaskState

KIND_WORDS = {
    TaskKind.RESEARCH: _("find out"),
    TaskKind.WRITING: _("write"),
    TaskKind.ANSWERING: _("answer people"),
    TaskKind.APPROVAL: _("approve"),
    TaskKind.PROMISE: _("promised to the public"),
    TaskKind.TELLING: _("tell somebody"),
    TaskKind.OTHER: _("other"),
}

STATE_WORDS = {
    TaskState.OPEN: _("to do"),
    TaskState.DOING: _("under way"),
    TaskState.DONE: _("done"),
    TaskState.DROPPED: _("dropped"),
}
