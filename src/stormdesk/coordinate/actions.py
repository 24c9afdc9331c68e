"""Making, taking and finishing tasks, and nudging their owners."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.coordinate.models import Task
from stormdesk.coordinate.queries import OPEN, blockers
from stormdesk.coordinate.rules import TaskKind, TaskState, first_nudge, next_nudge
from stormdesk.core.errors import BadInput, Conflict, Refused
from stormdesk.declare.models import Crisis
from stormdesk.journal.actions import announce, record
from stormdesk.notify.actions import tell
from stormdesk.people.access import may, require
from stormdesk.people.models import Brand, Department, User
from stormdesk.people.rules import Right


def create_task(
    *,
    brand: Brand,
    by: User | None,
    now: datetime,
    title: str,
    crisis: Crisis | None = None,
    kind: str = TaskKind.OTHER,
    department: Department | None = None,
    owner: User | None = None,
    due_at: datetime | None = None,
    checklist: list[str] | None = None,
    key: str = "",
    why: str = "",
    path: str = "",
) -> Task:
    """A new task. Raises AccessDenied, BadInput without a title, Refused for an owner from outside the brand."""
    require(by, Right.TASKS, brand)
    if not title.strip():
        raise BadInput(_("A task needs a title: what will be true when it is done?"))
    if owner and not may(owner, Right.SEE, brand):
        raise Refused(_("That person does not work for this brand. Invite them first, under People."))
    if department and department.brand_id != brand.pk:
        raise Refused(_("That department belongs to another brand. Choose one of this brand's departments."))
    with transaction.atomic():
        task = Task.objects.create(
            brand=brand,
            crisis=crisis,
            key=key,
            kind=TaskKind(kind),
            title=title.strip()[:200],
            why=why[:500],
            department=department,
            owner=owner,
            due_at=due_at,
            checklist=[{"text": line, "done": False} for line in checklist or []],
            path=path,
            made_by=by,
            made_at=now,
            nudge_at=first_nudge(due_at, now),
        )
        record(
            "task.made",
            brand=brand,
            by=by,
            now=now,
            subject=f"task:{task.pk}",
            crisis=crisis.pk if crisis else None,
            facts={"title": task.title, "owner": str(owner or department or "—")},
        )
        if owner and owner != by:
            tell(
                brand=brand,
                user=owner,
                kind="task.given",
                facts={"title": task.title, "brand": brand.name},
                path=task_path(task),
                now=now,
            )
        announce(brand, "tasks", now=now)
    return task


def task_path(task: Task) -> str:
    """The page on which a task is done."""
    return task.path or f"/b/{task.brand.slug}/tasks/{task.pk}/"


def create_from_playbook(*, crisis: Crisis, by: User, now: datetime) -> list[Task]:
    """The tasks of the crisis's copy of the playbook; those that exist already are left alone, so it can be retried."""
    require(by, Right.TASKS, crisis.brand)
    departments = {d.key: d for d in Department.objects.filter(brand=crisis.brand)}
    with transaction.atomic():
        present = {task.key: task for task in Task.objects.filter(crisis=crisis).exclude(key="")}
        plan = crisis.playbook.get("tasks", [])
        made = []
        for step in plan:
            if step["key"] in present:
                continue
            department = departments.get(step.get("department", ""))
            task = Task.objects.create(
                brand=crisis.brand,
                crisis=crisis,
                key=step["key"],
                kind=step.get("kind") or TaskKind.OTHER,
                title=step["title"][:200],
                why=step.get("why", "")[:500],
                department=department,
                owner=department.head if department else None,
                due_at=(
                    due := now + timedelta(minutes=step["due_minutes"]) if step.get("due_minutes") else None
                ),
                checklist=[{"text": line, "done": False} for line in step.get("checklist", [])],
                made_by=by,
                made_at=now,
                nudge_at=first_nudge(due, now),
            )
            present[step["key"]] = task
            made.append(task)
        for step in plan:
            present[step["key"]].blocked_by.set(
                present[key] for key in step.get("blocked_by", []) if key in present
            )
        if made:
            record(
                "task.playbook",
                brand=crisis.brand,
                by=by,
                now=now,
                subject=f"crisis:{crisis.pk}",
                crisis=crisis.pk,
                facts={"count": len(made)},
            )
        announce(crisis.brand, "tasks", now=now)
    return made


def _move(
    task: Task, by: User, now: datetime, to: TaskState, kind: str, facts: dict, **fields: object
) -> Task:
    with transaction.atomic():
        if not Task.objects.filter(pk=task.pk, state__in=OPEN).update(state=to, **fields):
            raise Conflict(
                _("Somebody finished or dropped this task a moment ago. Nothing was changed by you.")
            )
        record(
            kind,
            brand=task.brand,
            by=by,
            now=now,
            subject=f"task:{task.pk}",
            crisis=task.crisis_id,
            facts={"title": task.title, **facts},
        )
        announce(task.brand, "tasks", now=now)
    task.refresh_from_db()
    return task


def take_task(*, task: Task, by: User, now: datetime) -> Task:
    """“I do it”: the task is yours and under way."""
    require(by, Right.TASKS, task.brand)
    return _move(task, by, now, TaskState.DOING, "task.taken", {}, owner=by)


def finish_task(*, task: Task, by: User, now: datetime, result: str = "") -> Task:
    """Done. Raises Refused while something that must come first is open."""
    require(by, Right.TASKS, task.brand)
    if first := blockers(task):
        raise Refused(
            _("“%(first)s” must be done first. Finish it, or take it off the list of what blocks this task.")
            % {"first": first[0].title}
        )
    return _move(
        task,
        by,
        now,
        TaskState.DONE,
        "task.done",
        {"result": result},
        result=result[:500],
        done_by=by,
        done_at=now,
        nudge_at=None,
    )


def drop_task(*, task: Task, by: User, now: datetime, reason: str) -> Task:
    """It will not be done, and here is why."""
    require(by, Right.TASKS, task.brand)
    if not reason.strip():
        raise BadInput(_("Say why it will not be done: somebody counted on it."))
    return _move(
        task,
        by,
        now,
        TaskState.DROPPED,
        "task.dropped",
        {"reason": reason},
        result=reason[:500],
        nudge_at=None,
    )


def reassign(
    *,
    task: Task,
    by: User,
    now: datetime,
    owner: User | None,
    due_at: datetime | None,
    department: Department | None,
) -> Task:
    """Another owner, department or time; the new owner is told."""
    require(by, Right.TASKS, task.brand)
    if owner and not may(owner, Right.SEE, task.brand):
        raise Refused(_("That person does not work for this brand. Invite them first, under People."))
    changed = _move(
        task,
        by,
        now,
        TaskState(task.state),
        "task.given",
        {"owner": str(owner or department or "—")},
        owner=owner,
        department=department,
        due_at=due_at,
        nudges=0,
        nudge_at=first_nudge(due_at, now),
    )
    if owner and owner != by:
        tell(
            brand=task.brand,
            user=owner,
            kind="task.given",
            facts={"title": task.title, "brand": task.brand.name},
            path=task_path(task),
            now=now,
        )
    return changed


def tick(*, task: Task, index: int, done: bool, by: User, now: datetime) -> Task:
    """One line of the checklist."""
    require(by, Right.TASKS, task.brand)
    with transaction.atomic():
        locked = Task.objects.select_for_update().get(pk=task.pk)
        if not 0 <= index < len(locked.checklist):
            raise BadInput(_("That line is not on the checklist any more. Reload the page."))
        locked.checklist[index]["done"] = done
        locked.save(update_fields=["checklist"])
        announce(task.brand, "tasks", now=now)
    return locked


def nudge_owners(*, now: datetime) -> int:
    """Remind the owners of tasks that are nearly due or late; after three nudges the crisis's lead is told, once."""
    count = 0
    due = Task.objects.filter(nudge_at__lte=now, state__in=OPEN).select_related(
        "brand", "owner", "department", "crisis__lead"
    )
    for task in due[:200]:
        person = task.owner or (task.department.head if task.department else None)
        lead = task.crisis.lead if task.crisis else None
        following = next_nudge(task.nudges + 1, now)
        last = following is None
        with transaction.atomic():
            claimed = Task.objects.filter(pk=task.pk, nudge_at=task.nudge_at, state__in=OPEN).update(
                nudges=task.nudges + 1, nudge_at=following
            )
            listener = lead if last or person is None else person
            if not claimed or listener is None:
                continue
            tell(
                brand=task.brand,
                user=listener,
                kind="task.late" if task.due_at and task.due_at < now else "task.due",
                facts={
                    "title": task.title,
                    "brand": task.brand.name,
                    "owner": str(person or task.department or "—"),
                },
                path=task_path(task),
                now=now,
            )
            if task.due_at and task.due_at < now:
                record(
                    "task.late",
                    brand=task.brand,
                    by=None,
                    now=now,
                    subject=f"task:{task.pk}",
                    crisis=task.crisis_id,
                    facts={"title": task.title, "told": str(listener)},
                )
            announce(task.brand, "tasks", now=now)
        count += 1
    return count
