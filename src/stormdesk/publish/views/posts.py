"""The composer and the page of a post."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.accounts.models import Account
from stormdesk.accounts.queries import accounts_of
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput
from stormdesk.pause.queries import strip
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.policy.queries import findings
from stormdesk.publish import actions, pictures, queries
from stormdesk.publish.forms import PICTURES, PostForm, ScheduleForm, zone_of
from stormdesk.publish.manuscript import distinct, paragraphs
from stormdesk.publish.models import Post
from stormdesk.publish.rules import EDITABLE, may_approve


@brand_page(Right.DRAFT)
def compose(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Compose once for several accounts."""
    accounts = accounts_of(brand, connected=True)
    form = PostForm(zone_of(request.user, brand), accounts, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            posts = actions.draft_posts(
                brand=brand,
                by=request.user,
                now=utcnow(),
                texts=form.texts(),
                due_at=form.cleaned_data["moment"],
                media=_media(brand, form),
                language=form.cleaned_data["language"],
            )
            return redirect("post", brand.slug, posts[0].pk)
        except BadInput as error:
            form.add_error(None, str(error))
    return _composer(request, brand, form, None)


@brand_page(Right.DRAFT)
def edit(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Change the texts of posts composed together; whatever went out stays as it is."""
    post = queries.get_post(brand, pk)
    group = [each for each in queries.group_of(post) if each.state in EDITABLE] or [post]
    accounts = [each.account for each in group]
    form = PostForm(
        zone_of(request.user, brand), accounts, request.POST or None, request.FILES or None, posts=group
    )
    if request.method == "POST" and form.is_valid():
        now = utcnow()
        try:
            actions.edit_posts(
                posts=group,
                by=request.user,
                now=now,
                texts=form.texts(),
                media=_media(brand, form),
                due_at=form.cleaned_data["moment"],
                language=form.cleaned_data["language"],
            )
            return redirect("post", brand.slug, post.pk)
        except BadInput as error:
            form.add_error(None, str(error))
    return _composer(request, brand, form, post)


def _media(brand: Brand, form: PostForm) -> list[dict]:
    media = []
    for number in range(PICTURES):
        given = dict(form.media_given[number]) if number < len(form.media_given) else {}
        if form.cleaned_data.get(f"remove_{number}"):
            continue
        if upload := form.cleaned_data.get(f"file_{number}"):
            given = pictures.keep(brand.pk, upload)
        if given:
            media.append({**given, **form.credits(number)})
    return media


def _composer(request: PersonRequest, brand: Brand, form: PostForm, post: Post | None) -> HttpResponse:
    rows = [
        {"account": account, "to": form[f"to_{account.pk}"], "own": form[f"own_{account.pk}"]}
        for account in form.accounts
    ]
    slots = [
        {
            "number": number + 1,
            "given": form.media_given[number] if number < len(form.media_given) else None,
            "file": form[f"file_{number}"],
            "remove": form[f"remove_{number}"],
            "fields": [form[f"{name}_{number}"] for name in ("description", "origin", "licence", "credit")],
        }
        for number in range(PICTURES)
    ]
    return render(
        request,
        "publish/compose.html",
        {
            "section": "calendar",
            "form": form,
            "post": post,
            "rows": rows,
            "slots": slots,
            "next_posts": queries.next_posts(brand, 4),
            "pause": strip(brand, utcnow()),
            "checks": _checks(brand, form)
            if form.is_bound and form.is_valid()
            else _first_checks(brand, form),
            "zone": zone_of(request.user, brand).key,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@brand_page(Right.DRAFT)
def check(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The fragment beside the composer: what the rules say about what is being written."""
    form = PostForm(zone_of(request.user, brand), accounts_of(brand, connected=True), request.POST)
    form.is_valid()
    return render(request, "publish/partials/checks.html", {"brand": brand, "checks": _checks(brand, form)})


def _checks(brand: Brand, form: PostForm) -> list[dict]:
    return _merged([_check(brand, account, form.text_for(account), []) for account in form.chosen()])


def _first_checks(brand: Brand, form: PostForm) -> list[dict]:
    return _merged([_check(brand, post.account, post.text, post.media) for post in form.posts.values()])


def _merged(checks: list[dict]) -> list[dict]:
    """Accounts about which the rules say the same stand together."""
    merged: dict[tuple, dict] = {}
    for check in checks:
        key = tuple((finding.title, finding.reason) for finding in check["findings"])
        merged.setdefault(key, {"findings": check["findings"], "accounts": []})["accounts"].append(check)
    return list(merged.values())


def _check(brand: Brand, account: Account, text: str, media: list[dict]) -> dict:
    limit, count = queries.limit_of(account)
    length = count(text)
    found = findings(brand, text, media=media, limit=limit, count=count, now=utcnow())
    return {
        "account": account,
        "length": length,
        "limit": limit,
        "over": max(0, length - limit) if limit is not None else 0,
        "findings": distinct(found) if text.strip() else [],
    }


@brand_page(Right.SEE)
def picture(request: PersonRequest, brand: Brand, name: str) -> HttpResponse:
    """A picture of this brand's posts."""
    content, content_type = pictures.served(brand.pk, name)
    return HttpResponse(content, content_type, headers={"Cache-Control": "private, max-age=86400"})


@brand_page(Right.SEE)
def post(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """A post: text with findings, where it stands, who approves it, its history."""
    post = queries.get_post(brand, pk)
    found = queries.findings_of(post, utcnow())
    limit, count = queries.limit_of(post.account)
    return render(
        request,
        "publish/post.html",
        {
            "section": "calendar",
            "post": post,
            "group": queries.group_of(post),
            "findings": distinct(found),
            "blocks": [finding for finding in distinct(found) if finding.blocks],
            "paragraphs": paragraphs(post.text, found),
            "length": count(post.text),
            "limit": limit,
            "standing": queries.standing_of(post),
            "approvals": post.approvals.select_related("by"),
            "approvers": queries.approvers(post),
            "history": queries.history_of(post),
            "hash": queries.hash_of(post),
            "pause": queries.pause_of(post),
            "schedule": ScheduleForm(zone_of(request.user, brand), moment=post.due_at),
            "zone": zone_of(request.user, brand).key,
            "may_edit": may(request.user, Right.DRAFT, brand) and post.state in EDITABLE,
            "may_draft": may(request.user, Right.DRAFT, brand),
            "may_approve": may(request.user, Right.APPROVE, brand)
            and may_approve(request.user.pk, author=post.author_id, edited_by=post.edited_by_id),
            "may_publish": may(request.user, Right.PUBLISH, brand) and queries.may_send(request.user, post),
        },
    )


@require_POST
@brand_page(Right.DRAFT)
def to_review(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Ask for approval of the post, and of those composed with it."""
    post = queries.get_post(brand, pk)
    actions.send_group_for_review(post=post, by=request.user, now=utcnow())
    messages.success(request, _("Sent for approval."))
    return redirect("post", brand.slug, pk)


@require_POST
@brand_page(Right.APPROVE)
def approve(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Say yes or no to the text that is on the screen."""
    actions.approve_post(
        post=queries.get_post(brand, pk),
        by=request.user,
        yes=request.POST.get("yes") == "1",
        comment=request.POST.get("comment", ""),
        now=utcnow(),
        seen=request.POST.get("seen", ""),
    )
    return redirect("post", brand.slug, pk)


@require_POST
@brand_page(Right.PUBLISH)
def schedule(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Give an approved post its time."""
    post = queries.get_post(brand, pk)
    form = ScheduleForm(zone_of(request.user, brand), request.POST)
    if not form.is_valid():
        raise BadInput(form.errors["day"][0])
    actions.schedule_post(post=post, due_at=form.cleaned_data["moment"], by=request.user, now=utcnow())
    if queries.pause_of(post):
        messages.info(
            request,
            _("Scheduled. Publishing is paused: if it still is at that time, the post will wait for you."),
        )
    else:
        messages.success(request, _("Scheduled."))
    return redirect("post", brand.slug, pk)


@require_POST
@brand_page(Right.DRAFT)
def drop(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Decide that it does not go out."""
    actions.drop_post(post=queries.get_post(brand, pk), by=request.user, now=utcnow())
    messages.info(request, _("Dropped. It can be taken up again."))
    return redirect("post", brand.slug, pk)


@require_POST
@brand_page(Right.DRAFT)
def restore(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Take a dropped post up again."""
    actions.restore_post(post=queries.get_post(brand, pk), by=request.user, now=utcnow())
    return redirect("post", brand.slug, pk)


@require_POST
@brand_page(Right.PUBLISH)
def settle(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """A person looked whether an unknown post is on its network."""
    actions.settle_unknown(
        post=queries.get_post(brand, pk),
        by=request.user,
        now=utcnow(),
        on_network=request.POST.get("there") == "1",
    )
    return redirect("post", brand.slug, pk)


@require_POST
@brand_page(Right.PUBLISH)
def delete(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Have it deleted from its network."""
    actions.ask_to_delete(post=queries.get_post(brand, pk), by=request.user, now=utcnow())
    messages.info(request, _("It is being deleted from the network; this page says when it is gone."))
    return redirect("post", brand.slug, pk)
