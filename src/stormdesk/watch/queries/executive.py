"""The executive's page: state, what happened, what is done, what comes next, and what needs a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from stormdesk.coordinate import queries as coordinate
from stormdesk.coordinate.models import Task
from stormdesk.declare.models import Crisis
from stormdesk.declare.queries import open_crisis
from stormdesk.detect.queries import LastHour, last_hour, open_alerts
from stormdesk.listen.queries import Completeness, completeness
from stormdesk.pause import queries as pauses
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.publish import queries as publish
from stormdesk.publish.models import Fact, Statement
from stormdesk.publish.rules import FactState, StatementState
from stormdesk.reply.queries import Waiting, answered_since, waiting
from stormdesk.secure import queries as secure
from stormdesk.watch.queries.over import Over, is_it_over
from stormdesk.watch.queries.reaction import Reaction, reaction
from stormdesk.watch.queries.series import LEAD_IN

EXECUTIVE = "executive"
"""The department whose open tasks are questions to the executive."""
FACTS = 4


@dataclass(frozen=True)
class Decision:
    """Something that waits for this person, and where it is decided."""

    question: str
    why: str
    path: str
    due_at: datetime | None
    by: str = ""


@dataclass(frozen=True)
class Done:
    """Something that was done, or should have been: `state` ok, paused or attn."""

    state: str
    text: str
    at: datetime | None
    late: bool = False


@dataclass(frozen=True)
class Coming:
    """What comes next, and when."""

    text: str
    at: datetime
    promised: bool


@dataclass(frozen=True)
class Executive:
    """One phone screen. Without a crisis only `hour`, `alerts`, `waiting` and `heard` say something."""

    crisis: Crisis | None
    hour: LastHour
    alerts: int
    waiting: Waiting
    heard: Completeness
    reaction: Reaction | None = None
    over: Over | None = None
    answered: int = 0
    decisions: list[Decision] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    unknown: list[Fact] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    word: Statement | None = None


def executive(brand: Brand, user: User, now: datetime) -> Executive:
    """Everything an executive needs to know of a brand now, and nothing else."""
    crisis = open_crisis(brand)
    hour = last_hour(brand, now)
    people = waiting(brand, now=now)
    if crisis is None:
        alerts = len(open_alerts(brand))
        return Executive(None, hour, alerts, people, completeness(brand, now - LEAD_IN, now))
    crisis.brand = brand
    facts = publish.facts_of(crisis)
    statements = publish.statements_of(crisis)
    published = [row for row in statements if row.state == StatementState.PUBLISHED]
    tasks = [task for board in coordinate.tasks_of(crisis) for task in board.tasks]
    open_tasks = [task for task in tasks if task.state in coordinate.OPEN]
    asked = [task for task in open_tasks if _asks(task, user)]
    return Executive(
        crisis=crisis,
        hour=hour,
        alerts=len(open_alerts(brand)),
        waiting=people,
        heard=completeness(brand, crisis.began_at, now),
        reaction=reaction(crisis, now=now),
        over=is_it_over(crisis, now=now),
        answered=answered_since(brand, crisis.began_at),
        decisions=_decisions(brand, user, asked, statements),
        facts=[fact for fact in facts if fact.state == FactState.CONFIRMED][-FACTS:],
        unknown=[fact for fact in facts if fact.state == FactState.UNKNOWN][-2:],
        done=_done(brand, open_tasks, published, now),
        coming=_coming([task for task in open_tasks if task not in asked], now),
        word=max(published, key=lambda row: row.published_at or row.changed_at, default=None),
    )


def _asks(task: Task, user: User) -> bool:
    """Whether a task is this person's, or the executive department's and nobody's yet."""
    department = task.department
    return task.owner_id == user.pk or (
        task.owner_id is None and department is not None and department.key == EXECUTIVE
    )


def _decisions(brand: Brand, user: User, tasks: list[Task], statements: list[Statement]) -> list[Decision]:
    """The tasks that ask this person, and statements this person may approve."""
    found = [
        Decision(
            task.title,
            task.why,
            reverse("task", args=[brand.slug, task.pk]),
            task.due_at,
            str(task.made_by or ""),
        )
        for task in tasks
    ]
    for statement in statements:
        if statement.state != StatementState.REVIEW or not may(user, Right.APPROVE, brand):
            continue
        if user in publish.statement_approvers(statement):
            found.append(
                Decision(
                    _("Approve “%(title)s”?") % {"title": statement.title},
                    "",
                    reverse("statement", args=[brand.slug, statement.pk]),
                    statement.promise_at,
                    str(statement.author),
                )
            )
    return sorted(found, key=lambda row: (row.due_at is None, row.due_at))


def _done(brand: Brand, tasks: list[Task], published: list[Statement], now: datetime) -> list[Done]:
    found = [
        Done("ok", _("Said in public: %(title)s") % {"title": row.title}, row.published_at)
        for row in published
    ]
    strip = pauses.strip(brand, now)
    if strip.pause:
        found.append(
            Done(
                "paused",
                _("All other publishing is paused")
                if strip.whole
                else _("Publishing is paused: %(scope)s") % {"scope": strip.scope},
                strip.pause.started_at,
            )
        )
    if lockdown := secure.open_lockdown(brand):
        found.append(Done("ok", _("Accounts locked for all but the crisis team"), lockdown.started_at))
    found.sort(key=lambda row: (row.at is None, row.at))
    late = [task for task in tasks if task.due_at and task.due_at < now]
    found += [Done("attn", task.title, task.due_at, late=True) for task in late[:3]]
    return found


def _coming(tasks: list[Task], now: datetime) -> list[Coming]:
    """What was promised to the public, and the next tasks with a time."""
    rows = [
        Coming(task.title, task.due_at, task.kind == "promise")
        for task in tasks
        if task.due_at and task.due_at >= now
    ]
    rows.sort(key=lambda row: (not row.promised, row.at))
    return sorted(rows[:4], key=lambda row: row.at)
