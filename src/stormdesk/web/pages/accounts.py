"""Accounts: health, rights, the lock, connecting."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk import networks
from stormdesk.accounts import actions, connecting, queries
from stormdesk.accounts.forms import GrantsForm, LegalNoteForm, NetworkForm
from stormdesk.accounts.rules import Use
from stormdesk.accounts.templatetags.law import rows as rows_of_law
from stormdesk.accounts.words import WRITES_FIRST, limit_in_words
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import Refused, StormdeskError
from stormdesk.flows.connect_account import connect_account
from stormdesk.networks.base import Capability, Network
from stormdesk.people.access import PersonRequest, brand_page, rights
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish import queries as publish
from stormdesk.secure import actions as secure_actions
from stormdesk.secure import queries as secure

HIDDEN = {"path"}  # decided by the server, never typed


@brand_page(Right.SEE)
def accounts(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Every account with its health, who may use it and its last post; the lockdown switch."""
    lockdown = secure.open_lockdown(brand)
    kept = set(lockdown.keeps.all()) if lockdown else None

    def users(account, use: Use) -> int:
        people = queries.users_of(account, use)
        return len([user for user in people if kept is None or user in kept])

    return render(
        request,
        "web/accounts.html",
        {
            "section": "accounts",
            "rows": [
                {
                    "account": account,
                    "publish": users(account, Use.PUBLISH),
                    "reply": users(account, Use.REPLY),
                    "last": publish.last_sent(account),
                }
                for account in queries.accounts_of(brand)
            ],
            "lockdown": lockdown,
            "keeps": sorted(str(user) for user in kept) if kept else [],
            "lost": secure.lost_by(brand, lockdown) if lockdown else [],
            "networks": [n for n in networks.ALL.values() if n.can(Capability.PUBLISH)],
            "may": {right.value for right in rights(request.user, brand)},
        },
    )


def _client(name: str) -> Network:
    if name not in networks.ALL or not networks.get(name).can(Capability.PUBLISH):
        raise Http404
    return networks.get(name)


@brand_page(Right.ACCOUNTS)
def connect(request: PersonRequest, brand: Brand, network: str) -> HttpResponse:
    """Connect an account: by signing in at the network where it knows that, else with a token."""
    client = _client(network)
    form = NetworkForm(request.POST or None, fields=[f for f in client.fields if f.name not in HIDDEN])
    if request.method == "POST" and form.is_valid():
        given, secret = form.split()
        try:
            if client.signs_in({**given, **secret}):
                state = secrets.token_urlsafe(24)
                begun = connecting.begin(network, {**given, **secret}, _callback(brand, network), state)
                request.session["connecting"] = {
                    "brand": brand.slug,
                    "network": network,
                    "state": state,
                    "settings": given,
                    "keep": settings.VAULT.seal_json(dict(begun.keep)),
                }
                return render(
                    request,
                    "web/away.html",
                    {
                        "section": "accounts",
                        "network": client,
                        "address": begun.url,
                        "host": urlsplit(begun.url).hostname,
                    },
                )
            account = connect_account(
                brand=brand, by=request.user, now=utcnow(), network=network, settings=given, secret=secret
            )
        except StormdeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(account)s is connected.") % {"account": account.handle})
            return redirect("accounts", brand.slug)
    return render(
        request,
        "web/connect.html",
        {
            "section": "accounts",
            "form": form,
            "network": client,
            "cannot_see": client.cannot_see(get_language() or "en"),
            "signs_in": client.can(Capability.CONNECT),
            "key_too": client.takes_key(),
            "return_address": _callback(brand, network) if client.can(Capability.CONNECT) else "",
            "scopes": [(scope.name, _(scope.why)) for scope in client.scopes],
            "limits": [limit_in_words(limit) for limit in client.limits],
            "writes_first": WRITES_FIRST[client.writes_first],
        },
    )


def _callback(brand: Brand, network: str) -> str:
    return settings.SITE_URL + reverse("connected", args=[brand.slug, network])


@login_not_required
def client_document(request: HttpRequest, brand: str, network: str) -> HttpResponse:
    """Who asks when an account signs in, for the network's servers to read.

    Open to everybody, so it says the same whether there is such a brand or not.
    """
    if network not in networks.ALL:
        raise Http404
    try:
        back = settings.SITE_URL + reverse("connected", args=[brand, network])
        return JsonResponse(connecting.document(network, back))
    except Refused:
        raise Http404 from None


@brand_page(Right.ACCOUNTS)
def connected(request: PersonRequest, brand: Brand, network: str) -> HttpResponse:
    """The network sends the person back here."""
    begun = request.session.pop("connecting", None)
    given = request.GET.get("state", "")
    if (
        not begun
        or begun["brand"] != brand.slug
        or begun["network"] != network
        # some servers drop the state; then the session alone, bound by its cookie, must vouch
        or (given and not secrets.compare_digest(given, begun["state"]))
    ):
        messages.error(request, _("That sign-in was not begun here, or too long ago. Begin again."))
        return redirect("accounts", brand.slug)
    done = connecting.finish(
        network,
        begun["settings"],
        settings.VAULT.open_json(begun["keep"]),
        _callback(brand, network),
        request.GET.dict(),
    )
    account = connect_account(
        brand=brand,
        by=request.user,
        now=utcnow(),
        network=network,
        settings=done.settings,
        secret=done.secret,
    )
    messages.success(request, _("%(account)s is connected.") % {"account": account.handle})
    return redirect("accounts", brand.slug)


@brand_page(Right.SEE)
def account(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One account: who may use it, what it published, trying it, disconnecting."""
    found = queries.get_account(brand, pk)
    client = _client(found.network)
    names = {use: [user.pk for user in queries.users_of(found, use)] for use in Use}
    form = GrantsForm(
        request.POST or None,
        brand=brand,
        initial={"restricted": found.restricted, "publish": names[Use.PUBLISH], "reply": names[Use.REPLY]},
    )
    if request.method == "POST" and form.is_valid():
        actions.set_grants(
            account=found,
            by=request.user,
            now=utcnow(),
            grants=form.grants(),
            restricted=form.cleaned_data["restricted"],
        )
        messages.success(request, _("Saved."))
        return redirect("account", brand.slug, pk)
    return render(
        request,
        "web/account.html",
        {
            "section": "accounts",
            "account": found,
            "form": form,
            "may": {right.value for right in rights(request.user, brand)},
            "cannot_see": client.cannot_see(get_language() or "en"),
            "limits": [limit_in_words(limit) for limit in client.limits],
            "writes_first": WRITES_FIRST[client.writes_first],
        },
    )


@brand_page(Right.SEE)
def law(request: PersonRequest, brand: Brand) -> HttpResponse:
    """How networks stand in countries' laws: what is shipped, and what this brand's people found out since."""
    known = queries.legal_notes(brand)
    chosen = (request.GET.get("network", ""), request.GET.get("country", ""))
    note = next((note for note in known if (note.network, note.country) == chosen), None)
    now = utcnow()
    initial: dict[str, object] = {"as_of": now.date()}
    if note:
        told = note.told(get_language() or "en")
        initial |= {
            "network": note.network,
            "country": note.country,
            "status": str(note.status),
            "text": told,
        }
        initial |= {"source": note.source}
    form = LegalNoteForm(request.POST or None, initial=initial)
    may = rights(request.user, brand)
    if request.method == "POST" and form.is_valid():
        actions.save_legal_note(brand=brand, by=request.user, now=now, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("law", brand.slug)
    return render(
        request,
        "web/law.html",
        {
            "section": "accounts",
            "rows": rows_of_law(known),
            "form": form,
            "may": {right.value for right in may},
        },
    )


@require_POST
@brand_page(Right.ACCOUNTS)
def check(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Try it."""
    found = queries.get_account(brand, pk)
    if connecting.check_account(account=found, now=utcnow()):
        messages.success(request, _("%(account)s works.") % {"account": found.handle})
    else:
        found.refresh_from_db()
        messages.error(request, found.problem)
    return redirect("account", brand.slug, pk)


@require_POST
@brand_page(Right.ACCOUNTS)
def disconnect(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """Forget the secret."""
    actions.disconnect_account(
        account=queries.get_account(brand, pk),
        by=request.user,
        now=utcnow(),
        reason=request.POST.get("reason", ""),
    )
    return redirect("accounts", brand.slug)


@require_POST
@brand_page(Right.LOCK)
def lock(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Only I publish, until the crisis team is named."""
    secure_actions.lock(brand=brand, by=request.user, now=utcnow(), reason=request.POST.get("reason", ""))
    return redirect("accounts", brand.slug)


@require_POST
@brand_page(Right.LOCK)
def unlock(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Give the rights back."""
    secure_actions.unlock(brand=brand, by=request.user, now=utcnow(), reason=request.POST.get("reason", ""))
    return redirect("accounts", brand.slug)
