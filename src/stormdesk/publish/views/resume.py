"""The resume review as a queue, and what is on the wire."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish import actions, queries
from stormdesk.publish.forms import ScheduleForm, zone_of
from stormdesk.publish.manuscript import paragraphs
from stormdesk.publish.queries.review import next_free, queue, since


@brand_page(Right.SEE)
def review(request: PersonRequest, brand: Brand, pk: int | None = None) -> HttpResponse:
    """Held posts at the left, the one being decided in the middle, what has happened since at the right."""
    now = utcnow()
    if pk is not None:
        queries.get_post(brand, pk)  # another brand's post is not found, rather than left out silently
    rows = queue(brand, now)
    chosen = next((row for row in rows if pk in [post.pk for post in row.posts]), rows[0] if rows else None)
    moment = next_free(chosen.post, now) if chosen else None
    return render(
        request,
        "publish/resume.html",
        {
            "section": "calendar",
            "rows": rows,
            "chosen": chosen,
            "paragraphs": paragraphs(chosen.post.text, chosen.findings) if chosen else [],
            "since": since(chosen.post, now) if chosen else None,
            "schedule": ScheduleForm(zone_of(request.user, brand), moment=moment),
            "unknown": queries.decide_unknown(brand),
            "may_publish": may(request.user, Right.PUBLISH, brand),
            "may_end": may(request.user, Right.RESUME, brand),
        },
    )


@require_POST
@brand_page(Right.PUBLISH)
def decide(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Send, move or drop one held post, and open the next."""
    rows = queue(brand, utcnow())
    place = next((n for n, row in enumerate(rows) if pk in [post.pk for post in row.posts]), None)
    posts = [queries.get_post(brand, pk)] if place is None else rows[place].posts
    decision, moment = request.POST.get("decision", ""), None
    if decision == "move":
        form = ScheduleForm(zone_of(request.user, brand), request.POST)
        if not form.is_valid():
            raise BadInput(form.errors["day"][0])
        moment = form.cleaned_data["moment"]
    actions.release_together(posts=posts, by=request.user, now=utcnow(), decision=decision, due_at=moment)
    messages.success(
        request,
        {"send": _("It goes out now."), "move": _("Moved."), "drop": _("Dropped. It can be taken up again.")}[
            decision
        ],
    )
    rest = [row for n, row in enumerate(rows) if n != place]
    if rest:
        return redirect("resume_post", brand.slug, rest[min(place or 0, len(rest) - 1)].post.pk)
    return redirect("resume_review", brand.slug)


@brand_page(Right.SEE)
def wire(request: PersonRequest, brand: Brand) -> HttpResponse:
    """By name, what could not be stopped: a fragment of the pause page, a page of its own otherwise."""
    name = "publish/partials/wire.html" if getattr(request, "htmx", False) else "publish/wire.html"
    return render(
        request,
        name,
        {
            "section": "calendar",
            "brand": brand,
            "posts": queries.wire_of(brand),
            "may_publish": may(request.user, Right.PUBLISH, brand),
        },
    )
