"""Tasks of a crisis by department, of a person, and those that are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import Http404

from stormdesk.coordinate.models import Task
from stormdesk.coordinate.rules import TaskState
from stormdesk.declare.models import Crisis
from stormdesk.people.models import Brand, Department, User

OPEN = (TaskState.OPEN, TaskState.DOING)


@dataclass(frozen=True)
class Board:
    """The tasks of one department, open ones first by time."""

    department: Department | None
    tasks: list[Task]


def get_task(brand: Brand, pk: int) -> Task:
    """Raises Http404 for another brand's task."""
    found = (
        Task.objects.filter(brand=brand, pk=pk)
        .select_related("department", "owner", "crisis", "brand")
        .first()
    )
    if found is None:
        raise Http404
    return found


def tasks_of(crisis: Crisis) -> list[Board]:
    """The crisis's tasks by department; those without one last."""
    rows = list(
        Task.objects.filter(crisis=crisis)
        .exclude(state=TaskState.DROPPED)
        .select_related("department", "owner", "done_by")
        .prefetch_related("blocked_by")
    )
    rows.sort(key=lambda task: (task.state == TaskState.DONE, task.due_at is None, task.due_at, task.pk))
    departments = sorted({task.department for task in rows if task.department}, key=lambda d: d.name)
    boards = [Board(d, [task for task in rows if task.department_id == d.pk]) for d in departments]
    loose = [task for task in rows if task.department_id is None]
    return boards + ([Board(None, loose)] if loose else [])


def my_tasks(user: User, brand: Brand) -> list[Task]:
    """Open tasks that a person owns, and unowned ones of the person's departments."""
    departments = Department.objects.filter(memberships__user=user, brand=brand)
    return list(
        Task.objects.filter(
            Q(owner=user) | Q(owner__isnull=True, department__in=departments), brand=brand, state__in=OPEN
        )
        .select_related("department", "owner", "crisis")
        .order_by("due_at", "pk")
    )


def counts(crisis: Crisis, now: datetime) -> dict[str, int]:
    """How many tasks are open, done and late."""
    rows = Task.objects.filter(crisis=crisis)
    open_rows = rows.filter(state__in=OPEN)
    return {
        "open": open_rows.count(),
        "done": rows.filter(state=TaskState.DONE).count(),
        "late": open_rows.filter(due_at__lt=now).count(),
    }


def next_promise(crisis: Crisis) -> Task | None:
    """The earliest word promised to the public and not given yet."""
    return (
        Task.objects.filter(crisis=crisis, kind="promise", state__in=OPEN, due_at__isnull=False)
        .order_by("due_at")
        .first()
    )


def blockers(task: Task) -> list[Task]:
    """What must be done before this task."""
    return [other for other in task.blocked_by.all() if other.state in OPEN]
