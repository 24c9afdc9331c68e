"""The inbox: the queue, one conversation, the person; and every button on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.listen.queries import completeness
from stormdesk.people.access import PersonRequest, brand_page
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.reply import actions, queries
from stormdesk.reply.forms import AnswerForm, AssignForm, CloseForm, NoteForm
from stormdesk.reply.models import Conversation
from stormdesk.reply.queries import InboxFilters
from stormdesk.reply.showing import DAY, conversation_page, filter_links, queue_rows


def _filters(request: PersonRequest) -> InboxFilters:
    """Of the page, or, for a button, of the page it stood on."""
    back = request.POST.get("back", "")
    return InboxFilters.of(QueryDict(back).dict() if back else request.GET.dict())


def _path(brand: Brand, filters: InboxFilters, conversation: Conversation | None) -> str:
    path = (
        reverse("conversation", args=[brand.slug, conversation.pk])
        if conversation
        else reverse("inbox", args=[brand.slug])
    )
    address = filters.address()
    return f"{path}?{address}" if address else path


def _page(
    request: PersonRequest, brand: Brand, now: datetime, chosen: Conversation | None, *, opened: bool
) -> HttpResponse:
    filters = _filters(request)
    rows = queue_rows(brand, filters, request.user, now)
    if chosen is None and rows.rows:
        chosen = queries.get_conversation(brand, rows.rows[0].conversation.pk)
    context: dict[str, Any] = {
        "section": "inbox",
        "opened": opened,
        "filters": filters,
        "address": filters.address(),
        "links": filter_links(brand, filters, request.user, now),
        "queue": rows,
        "standing": queries.standing(brand, now=now),
        "heard": completeness(brand, now - DAY, now),
        "now": now,
        "chosen": chosen,
        # Parts that refresh themselves ask for this conversation by name: the first of the queue changes under
        # one's hands, and an answer must go to whom the page shows.
        "here": _path(brand, filters, chosen),
    }
    if chosen:
        context |= conversation_page(chosen, request.user, now)
        context |= {
            "assign_form": AssignForm(brand=brand, initial={"to": chosen.assigned_to_id}),
            "close_form": CloseForm(),
            "note_form": NoteForm(),
        }
    return render(request, "reply/inbox.html", context)


@brand_page(Right.SEE)
def inbox(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Everybody who waits for an answer, by urgency; on a wide screen the first of them beside the queue.

    `?mention=` leads from what was heard to the conversation in which it stands.
    """
    mention = request.GET.get("mention", "")
    if mention.isascii() and mention.isdigit() and len(mention) < 18:
        chosen = queries.conversation_about(brand, int(mention))
        if chosen is None and actions.open_conversations(now=utcnow()):  # heard a moment ago
            chosen = queries.conversation_about(brand, int(mention))
        if chosen:
            return redirect("conversation", brand.slug, chosen.pk)
    return _page(request, brand, utcnow(), None, opened=False)


@brand_page(Right.SEE)
def conversation(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One person: what was said, the answer, what is known."""
    return _page(request, brand, utcnow(), queries.get_conversation(brand, pk), opened=True)


@require_POST
@brand_page(Right.REPLY)
def draft(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Keep what is typed: while typing, when switching between public and private, and with a ready answer added."""
    chosen, now = queries.get_conversation(brand, pk), utcnow()
    form = AnswerForm(request.POST)
    typed = form.cleaned_data if form.is_valid() else {"text": "", "private_text": "", "visibility": "public"}
    text, visibility = typed["text"], request.POST.get("to") or typed["visibility"]
    ready = request.POST.get("words", "")
    number = request.POST.get("macro", "")
    if number.isdigit():
        macro = queries.get_macro(brand, int(number))
        ready = actions.use_macro(macro=macro, conversation=chosen, by=request.user, now=now)
    if ready:
        text = f"{text.rstrip()}\n{ready}" if text.strip() else ready
    actions.save_draft(
        conversation=chosen,
        by=request.user,
        now=now,
        text=text,
        visibility=visibility,
        private_text=typed["private_text"],
    )
    if request.headers.get("X-Requested-With") == "autosave":
        return HttpResponse(status=204)
    return redirect(_path(brand, _filters(request), chosen) + "#answer")


@require_POST
@brand_page(Right.REPLY)
def findings(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """What the rules say about the answer as it is typed."""
    chosen, now = queries.get_conversation(brand, pk), utcnow()
    form = AnswerForm(request.POST)
    form.is_valid()
    typed = form.cleaned_data
    visibility = typed.get("visibility", "public")
    texts = [(typed.get("text", ""), "direct" if visibility == "direct" else "public")]
    if visibility == "both":
        texts.append((typed.get("private_text", ""), "direct"))
    found = [
        finding
        for text, where in texts
        if text.strip()
        for finding in queries.findings(chosen, text, visibility=where, now=now)
    ]
    return render(
        request, "reply/findings.html", {"findings": found, "typed": any(text.strip() for text, _w in texts)}
    )


@require_POST
@brand_page(Right.REPLY)
def answer(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Send the answer, and go on with the next person if asked to. A refused answer stays in the box."""
    chosen, now, filters = queries.get_conversation(brand, pk), utcnow(), _filters(request)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The answer could not be read. It was not sent; look at it again."))
        return redirect(_path(brand, filters, chosen))
    typed = form.cleaned_data
    actions.save_draft(
        conversation=chosen,
        by=request.user,
        now=now,
        text=typed["text"],
        visibility=typed["visibility"],
        private_text=typed["private_text"],
    )
    try:
        if typed["visibility"] == "both":
            actions.move_to_private(
                conversation=chosen,
                by=request.user,
                now=now,
                public_text=typed["text"],
                private_text=typed["private_text"],
                seen=typed["seen"],
            )
        else:
            actions.answer(
                conversation=chosen,
                by=request.user,
                now=now,
                text=typed["text"],
                visibility=typed["visibility"],
                seen=typed["seen"],
            )
    except StormdeskError as error:
        messages.error(request, str(error))
        return redirect(_path(brand, filters, chosen) + "#answer")
    messages.success(request, _("Answered: %(name)s") % {"name": chosen.name or chosen.handle})
    if "next" not in request.POST:
        return redirect(_path(brand, filters, chosen))
    following = queries.next_after(brand, filters, request.user, now, done=pk)
    return redirect(_path(brand, filters, following))


@require_POST
@brand_page(Right.REPLY)
def take(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """I take care of this person."""
    chosen, now = queries.get_conversation(brand, pk), utcnow()
    actions.check_out(conversation=chosen, by=request.user, now=now)
    actions.assign(conversation=chosen, by=request.user, now=now, to=request.user)
    return redirect(_path(brand, _filters(request), chosen))


@require_POST
@brand_page(Right.REPLY)
def release(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """I am not answering after all."""
    chosen = queries.get_conversation(brand, pk)
    actions.release(conversation=chosen, by=request.user, now=utcnow())
    return redirect(_path(brand, _filters(request), chosen))


@require_POST
@brand_page(Right.REPLY)
def assign(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Give the person to a colleague."""
    chosen = queries.get_conversation(brand, pk)
    form = AssignForm(request.POST, brand=brand)
    if form.is_valid():
        actions.assign(conversation=chosen, by=request.user, now=utcnow(), to=form.cleaned_data["to"])
    else:
        messages.error(request, _("Choose a person who may answer for this brand."))
    return redirect(_path(brand, _filters(request), chosen))


@require_POST
@brand_page(Right.REPLY)
def close(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """No further answer, and why; then the next person."""
    chosen, now, filters = queries.get_conversation(brand, pk), utcnow(), _filters(request)
    actions.close(
        conversation=chosen,
        by=request.user,
        now=now,
        reason=request.POST.get("reason", "").replace("\x00", ""),
    )
    following = queries.next_after(brand, filters, request.user, now, done=pk)
    return redirect(_path(brand, filters, following))


@require_POST
@brand_page(Right.REPLY)
def close_public(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Return to the public half, with a last line or without one."""
    chosen, now = queries.get_conversation(brand, pk), utcnow()
    text = request.POST.get("text", "").replace("\x00", "")
    try:
        actions.close_public(conversation=chosen, by=request.user, now=now, text=text)
    except StormdeskError as error:
        # What was typed becomes the draft of a public answer, so that it is not lost.
        actions.save_draft(conversation=chosen, by=request.user, now=now, text=text)
        messages.error(request, str(error))
    return redirect(_path(brand, _filters(request), chosen))


@require_POST
@brand_page(Right.REPLY)
def reopen(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """The person waits again."""
    chosen = queries.get_conversation(brand, pk)
    actions.reopen(conversation=chosen, by=request.user, now=utcnow())
    return redirect(_path(brand, _filters(request), chosen))


@require_POST
@brand_page(Right.REPLY)
def note(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """A note for colleagues."""
    chosen = queries.get_conversation(brand, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        actions.note(conversation=chosen, by=request.user, now=utcnow(), **form.cleaned_data)
    else:
        messages.error(request, _("Write the note first."))
    return redirect(_path(brand, _filters(request), chosen))
