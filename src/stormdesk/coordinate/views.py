"""One's own tasks, a task's page, and its buttons."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.coordinate import actions, queries
from stormdesk.coordinate.forms import FinishForm, ReassignForm, TaskForm
from stormdesk.coordinate.rules import TaskKind, TaskState
from stormdesk.coordinate.words import KIND_WORDS, STATE_WORDS
from stormdesk.core.clock import utcnow
from stormdesk.declare.queries import get_crisis, open_crisis
from stormdesk.journal.queries import history
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right


@brand_page(Right.SEE)
def mine(request: PersonRequest, brand: Brand) -> HttpResponse:
    """What I have to do, in the order of time."""
    return render(
        request,
        "coordinate/mine.html",
        {
            "section": "crisis_room",
            "tasks": queries.my_tasks(request.user, brand),
            "crisis": open_crisis(brand),
        },
    )


@brand_page(Right.TASKS)
def new(request: PersonRequest, brand: Brand) -> HttpResponse:
    """A new task, of a crisis or without one."""
    number = request.POST.get("crisis") or request.GET.get("crisis") or ""
    crisis = get_crisis(brand, int(number)) if number.isdigit() else None
    form = TaskForm(request.POST or None, brand=brand)
    if request.method == "POST" and form.is_valid():
        task = actions.create_task(
            brand=brand, by=request.user, now=utcnow(), crisis=crisis, **form.cleaned_data
        )
        messages.success(request, _("Task made: %(title)s") % {"title": task.title})
        return redirect("crisis", brand.slug, crisis.pk) if crisis else redirect("task", brand.slug, task.pk)
    return render(request, "coordinate/new.html", {"section": "crisis_room", "form": form, "crisis": crisis})


@brand_page(Right.SEE)
def task(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """A task: why, who, until when, what is in its way."""
    found = queries.get_task(brand, pk)
    return render(
        request,
        "coordinate/task.html",
        {
            "section": "crisis_room",
            "task": found,
            "kind": KIND_WORDS[TaskKind(found.kind)],
            "state": STATE_WORDS[TaskState(found.state)],
            "is_open": found.state in queries.OPEN,
            "blockers": queries.blockers(found),
            "history": history(brand, subject=f"task:{pk}"),
            "finish_form": FinishForm(),
            "reassign_form": ReassignForm(
                brand=brand,
                initial={"owner": found.owner, "department": found.department, "due_at": found.due_at},
            ),
            "may_write": may(request.user, Right.TASKS, brand),
        },
    )


@require_POST
@brand_page(Right.TASKS)
def take(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """I do it."""
    actions.take_task(task=queries.get_task(brand, pk), by=request.user, now=utcnow())
    return redirect("task", brand.slug, pk)


@require_POST
@brand_page(Right.TASKS)
def finish(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Done."""
    form = FinishForm(request.POST)
    result = form.cleaned_data["result"] if form.is_valid() else ""
    done = actions.finish_task(task=queries.get_task(brand, pk), by=request.user, now=utcnow(), result=result)
    return (
        redirect("crisis", brand.slug, done.crisis_id) if done.crisis_id else redirect("my_tasks", brand.slug)
    )


@require_POST
@brand_page(Right.TASKS)
def drop(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """It will not be done."""
    reason = request.POST.get("reason", "")
    actions.drop_task(task=queries.get_task(brand, pk), by=request.user, now=utcnow(), reason=reason)
    return redirect("task", brand.slug, pk)


@require_POST
@brand_page(Right.TASKS)
def reassign(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Another owner, department or time."""
    form = ReassignForm(request.POST, brand=brand)
    if form.is_valid():
        actions.reassign(task=queries.get_task(brand, pk), by=request.user, now=utcnow(), **form.cleaned_data)
    else:
        messages.error(request, _("The time could not be read. Write it as 2026-11-17 14:30."))
    return redirect("task", brand.slug, pk)


@require_POST
@brand_page(Right.TASKS)
def tick(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """A line of the checklist."""
    index = request.POST.get("index", "")
    actions.tick(
        task=queries.get_task(brand, pk),
        index=int(index) if index.isdigit() else -1,
        done="done" in request.POST,
        by=request.user,
        now=utcnow(),
    )
    return redirect("task", brand.slug, pk)
