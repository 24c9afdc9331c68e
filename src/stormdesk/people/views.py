"""Coming in by a link, and one's own page: name, language, sessions, second factor, API keys."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput, Refused
from stormdesk.people import actions, queries
from stormdesk.people.access import PersonRequest
from stormdesk.people.forms import JoinForm, MeForm, TokenForm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
def join(request: PersonRequest, token: str) -> HttpResponse:
    """The page behind an invitation or the owner's first link."""
    now = utcnow()
    try:
        invitation = actions.find_invitation(token, now=now)
    except Refused as error:
        return render(request, "people/link_used.html", {"sentence": str(error)}, status=410)
    form = JoinForm(request.POST or None, initial={"email": invitation.email})
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.accept_invitation(
                token=token, now=now, language=get_language() or "", **form.cleaned_data
            )
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            login(request, user, backend=BACKEND)
            return redirect("home")
    return render(request, "people/join.html", {"form": form, "invitation": invitation})


def me(request: PersonRequest) -> HttpResponse:
    """One's own settings."""
    user = request.user
    form = MeForm(
        request.POST or None,
        initial={
            "name": user.name,
            "language": user.language,
            "time_zone": user.time_zone,
            "theme": user.theme,
        },
    )
    if request.method == "POST" and form.is_valid():
        actions.change_me(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("me")
    return render(
        request,
        "people/me.html",
        {"form": form, "token_form": TokenForm(), **queries.about_me(user), "section": "me"},
    )


@require_POST
def make_token(request: PersonRequest) -> HttpResponse:
    """A new API key, shown this once."""
    form = TokenForm(request.POST)
    if form.is_valid():
        token = actions.make_token(user=request.user, name=form.cleaned_data["name"], now=utcnow())
        return render(request, "people/token.html", {"token": token, "section": "me"})
    return redirect("me")


@require_POST
def revoke_token(request: PersonRequest, pk: int) -> HttpResponse:
    """Make one of one's own keys useless."""
    actions.revoke_token(user=request.user, pk=pk, now=utcnow())
    messages.success(request, _("The key is useless from now on."))
    return redirect("me")
