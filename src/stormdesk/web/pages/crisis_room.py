"""The crisis room, and the form that declares a crisis."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stormdesk.accounts import queries as accounts
from stormdesk.coordinate import queries as coordinate
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.declare import actions as declare_actions
from stormdesk.declare import queries as crises
from stormdesk.declare.forms import DeclareForm, NoteForm, RoleForm, SeverityForm, StateForm
from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import OPEN_STATES, CrisisState, MeasureKind
from stormdesk.declare.words import state_steps
from stormdesk.detect import queries as detect
from stormdesk.flows.declare_crisis import declare_crisis, retry_measure
from stormdesk.flows.stand_down import stand_down
from stormdesk.journal import queries as journal
from stormdesk.notify import queries as notify
from stormdesk.notify.rules import CallState
from stormdesk.pause import queries as pauses
from stormdesk.people.access import PersonRequest, brand_page, rights
from stormdesk.people.models import Brand
from stormdesk.people.queries import person_at
from stormdesk.people.rules import Right
from stormdesk.publish import queries as publish
from stormdesk.reply import queries as reply
from stormdesk.secure import queries as secure
from stormdesk.watch import queries as watch
from stormdesk.web.pages.next_step import next_step
from stormdesk.web.pulse.standing import margin_of


@brand_page(Right.SEE)
def current(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The open crisis; without one, the crises that were and the button to declare."""
    crisis = crises.open_crisis(brand)
    if crisis:
        return redirect("crisis", brand.slug, crisis.pk)
    return render(
        request,
        "web/room/none.html",
        {
            "section": "crisis_room",
            "crises": crises.crises_of(brand),
            "may_declare": Right.CRISIS in rights(request.user, brand),
        },
    )


@brand_page(Right.CRISIS)
def declare(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Type, severity, lead, reason, and what is done at once; from an alert or by hand."""
    now = utcnow()
    alert_pk = request.POST.get("alert") or request.GET.get("alert")
    alert = detect.get_alert(brand, int(alert_pk)) if alert_pk and alert_pk.isdigit() else None
    form = DeclareForm(
        request.POST or None,
        brand=brand,
        initial={"lead": request.user.pk, "title": detect.title_of(alert) if alert else ""},
    )
    if request.method == "POST" and form.is_valid():
        try:
            crisis = declare_crisis(brand=brand, by=request.user, now=now, alert=alert, **form.cleaned_data)
        except StormdeskError as error:
            form.add_error(None, str(error))
        else:
            return redirect("crisis", brand.slug, crisis.pk)
    return render(
        request,
        "web/room/declare.html",
        {
            "section": "crisis_room",
            "form": form,
            "alert": alert,
            "sentence": detect.sentence_of(alert) if alert else "",
            "open": crises.open_crisis(brand),
            "at_once": _at_once(brand, now),
        },
    )


def _at_once(brand: Brand, now: datetime) -> dict[str, str]:
    """What each measure would touch here and now, so that nobody presses the button blind."""
    posts = publish.next_posts(brand, 1000)
    connected = accounts.accounts_of(brand, connected=True)
    told = {
        MeasureKind.PAUSE: ngettext(
            "%(n)s scheduled post is held", "%(n)s scheduled posts are held", len(posts)
        )
        % {"n": len(posts)},
        MeasureKind.LOCK: ngettext(
            "%(n)s account, kept by the lead", "%(n)s accounts, kept by the lead", len(connected)
        )
        % {"n": len(connected)},
        MeasureKind.CALL: ", ".join(str(user) for user in notify.first_called(brand, now)),
        MeasureKind.STATEMENT: _("a draft with blanks; nothing is published"),
    }
    return {kind.value: words for kind, words in told.items()}


def _called(brand: Brand, crisis: Crisis) -> dict | None:
    """Who was reached about the crisis, who was not yet, and who took it."""
    escalation = notify.escalation_of(brand, f"crisis:{crisis.pk}")
    if escalation is None:
        return None
    calls = notify.calls_of(escalation)
    reached = list(dict.fromkeys(str(call.user) for call in calls if call.state == CallState.SENT))
    failed = dict.fromkeys(str(call.user) for call in calls if call.state == CallState.FAILED)
    return {
        "reached": reached,
        "missed": [name for name in failed if name not in reached],
        "total": len({call.user_id for call in calls if call.state != CallState.CANCELLED}),
        "taken_by": escalation.acknowledged_by,
    }


def _room(request: PersonRequest, brand: Brand, crisis: Crisis, now: datetime) -> dict:
    """Everything the room shows, each part by one query of its stage."""
    may = rights(request.user, brand)
    lockdown = secure.open_lockdown(brand)
    reaction = watch.reaction(crisis, now=now)
    promise = coordinate.next_promise(crisis)
    group = request.GET.get("group", "")
    return {
        "section": "crisis_room",
        "crisis": crisis,
        "is_open": crisis.state in OPEN_STATES,
        "steps": state_steps(crisis),
        "next": next_step(crisis, request.user, now),
        "promise": promise,
        "waiting": reply.waiting(brand, now=now),
        "reaction": reaction,
        "over": watch.is_it_over(crisis, now=now),
        "margin": margin_of(reaction.negative_share, reaction.last_hour),
        "measures": crises.measures(crisis),
        "called": _called(brand, crisis),
        "pause_strip": pauses.strip(brand, now),
        "held": len(publish.held(brand)),
        "on_the_wire": publish.on_the_wire(brand),
        "lockdown": lockdown,
        "lost": secure.lost_by(brand, lockdown) if lockdown else [],
        "boards": coordinate.tasks_of(crisis),
        "task_counts": coordinate.counts(crisis, now),
        "team": crises.team(crisis),
        "statements": publish.statements_of(crisis),
        "timeline": journal.timeline(brand, crisis=crisis.pk, group=group),
        "group": group,
        "note_form": NoteForm(),
        "state_form": StateForm(crisis=crisis, locked=lockdown is not None),
        "severity_form": SeverityForm(initial={"severity": crisis.severity}),
        "role_form": RoleForm(brand=brand),
        "may_lead": Right.CRISIS in may,
        "may_write": Right.TASKS in may,
        "wall": "wall" in request.GET,
    }


@brand_page(Right.SEE)
def room(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """What is happening, what is being done, what should I do next."""
    crisis = crises.get_crisis(brand, pk)
    return render(request, "web/room/room.html", _room(request, brand, crisis, utcnow()))


@brand_page(Right.SEE)
def timeline(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """The timeline alone, filtered; fetched anew when something happens."""
    crisis = crises.get_crisis(brand, pk)
    group = request.GET.get("group", "")
    return render(
        request,
        "web/room/timeline.html",
        {"crisis": crisis, "timeline": journal.timeline(brand, crisis=pk, group=group), "group": group},
    )


@require_POST
@brand_page(Right.TASKS)
def note(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Write on the timeline."""
    crisis = crises.get_crisis(brand, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        declare_actions.note(crisis=crisis, by=request.user, now=utcnow(), **form.cleaned_data)
    else:
        messages.error(request, _("Write what happened in a sentence."))
    return redirect("crisis", brand.slug, pk)


@require_POST
@brand_page(Right.CRISIS)
def state(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Lead the crisis into its next state."""
    crisis = crises.get_crisis(brand, pk)
    form = StateForm(request.POST, crisis=crisis, locked=True)
    if form.is_valid():
        changed = stand_down(crisis=crisis, by=request.user, now=utcnow(), **form.cleaned_data)
        if changed.state == CrisisState.RESOLVED:
            return redirect("review", brand.slug, pk)
    else:
        messages.error(request, _("Choose the next state and say why."))
    return redirect("crisis", brand.slug, pk)


@require_POST
@brand_page(Right.CRISIS)
def severity(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Raise or lower the severity."""
    crisis = crises.get_crisis(brand, pk)
    form = SeverityForm(request.POST)
    if form.is_valid():
        declare_actions.change_severity(crisis=crisis, by=request.user, now=utcnow(), **form.cleaned_data)
    else:
        messages.error(request, _("Choose a severity of 1, 2 or 3 and say why."))
    return redirect("crisis", brand.slug, pk)


@require_POST
@brand_page(Right.CRISIS)
def role(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Put somebody on the team, or hand the lead over."""
    crisis = crises.get_crisis(brand, pk)
    form = RoleForm(request.POST, brand=brand)
    if form.is_valid():
        declare_actions.give_role(
            crisis=crisis,
            by=request.user,
            now=utcnow(),
            user=person_at(brand, form.cleaned_data["user"]),
            role=form.cleaned_data["role"],
        )
    else:
        messages.error(request, _("Choose a person and a role."))
    return redirect("crisis", brand.slug, pk)


@require_POST
@brand_page(Right.CRISIS)
def measure(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Try a failed measure again, or take one that was left out."""
    retry_measure(brand=brand, crisis_id=pk, kind=request.POST.get("kind", ""), by=request.user, now=utcnow())
    return redirect("crisis", brand.slug, pk)
