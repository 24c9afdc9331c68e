"""The one next step of a crisis: the most urgent thing that waits, with its button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from stormdesk.coordinate import queries as coordinate
from stormdesk.declare import queries as declare
from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import CrisisState, MeasureState
from stormdesk.people.models import User
from stormdesk.publish import queries as publish
from stormdesk.publish.rules import StatementState
from stormdesk.reply import queries as reply


@dataclass(frozen=True)
class NextStep:
    """A sentence, and the button that does it."""

    sentence: str
    button: str
    path: str


def next_step(crisis: Crisis, user: User, now: datetime) -> NextStep | None:
    """What to do now: first what failed, then the first word, approvals, late tasks, people who wait, the review."""
    brand = crisis.brand
    if crisis.state == CrisisState.RESOLVED:
        return NextStep(
            _("write down why it happened, while it is fresh."),
            _("Open the review"),
            reverse("review", args=[brand.slug, crisis.pk]),
        )
    if crisis.state == CrisisState.REVIEWED:
        return None
    for measure in declare.measures(crisis):
        if measure.state == MeasureState.FAILED:
            return NextStep(
                _("one measure failed: %(problem)s") % {"problem": measure.problem},
                _("Look at it"),
                "#containment",
            )
    statements = publish.statements_of(crisis)
    if not statements:
        return NextStep(
            _("say the first word: what happened, what is not known yet, when the next word comes."),
            _("Write the first statement"),
            reverse("statements", args=[brand.slug]),
        )
    for statement in statements:
        path = reverse("statement", args=[brand.slug, statement.pk])
        if statement.state == StatementState.APPROVED:
            return NextStep(
                _("“%(title)s” is approved and has not been published.") % {"title": statement.title},
                _("Open the statement"),
                path,
            )
        if statement.state == StatementState.REVIEW:
            return NextStep(
                _("“%(title)s” waits for approval.") % {"title": statement.title},
                _("Open the statement"),
                path,
            )
        if statement.state == StatementState.DRAFT:
            return NextStep(
                _("finish “%(title)s”: fill the blanks and send it for approval.")
                % {"title": statement.title},
                _("Open the statement"),
                path,
            )
    late = [
        task
        for board in coordinate.tasks_of(crisis)
        for task in board.tasks
        if task.state in coordinate.OPEN and task.due_at and task.due_at < now
    ]
    if late:
        return NextStep(
            _("“%(title)s” is late.") % {"title": late[0].title},
            _("Open the task"),
            reverse("task", args=[brand.slug, late[0].pk]),
        )
    waiting = reply.waiting(brand, now=now)
    if waiting.count:
        return NextStep(
            _("answer the people who wait."), _("Open the inbox"), reverse("inbox", args=[brand.slug])
        )
    return None
