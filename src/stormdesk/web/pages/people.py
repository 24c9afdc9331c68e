"""People and roles of a brand: inviting and giving roles goes on the record, so it is a flow."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stormdesk.core.clock import utcnow
from stormdesk.flows.manage_people import change_roles, invite_person
from stormdesk.people import queries
from stormdesk.people.access import PersonRequest, brand_page, may
from stormdesk.people.forms import InviteForm, RolesForm
from stormdesk.people.models import Brand
from stormdesk.people.rules import RIGHTS, Right, Role
from stormdesk.people.words import RIGHT_WORDS, ROLE_WORDS


def _page(request: PersonRequest, brand: Brand, **more: object) -> HttpResponse:
    return render(
        request,
        "web/people.html",
        {
            "section": "settings",
            "colleagues": [
                (row, [ROLE_WORDS[role] for role in row.roles]) for row in queries.colleagues(brand)
            ],
            "invitations": queries.open_invitations(brand, utcnow()),
            "role_words": list(ROLE_WORDS.values()),
            "table": [
                (word, [right in RIGHTS[role] for role in Role]) for right, word in RIGHT_WORDS.items()
            ],
            "may_change": may(request.user, Right.PEOPLE, brand),
            "invite_form": InviteForm(brand=brand),
            **more,
        },
    )


@brand_page(Right.SEE)
def people(request: PersonRequest, brand: Brand) -> HttpResponse:
    """Everybody who works for the brand and what each role may."""
    return _page(request, brand)


@require_POST
@brand_page(Right.PEOPLE)
def invite(request: PersonRequest, brand: Brand) -> HttpResponse:
    """A link for one person; shown this once."""
    form = InviteForm(request.POST, brand=brand)
    if not form.is_valid():
        return _page(request, brand, invite_form=form)
    path = invite_person(brand=brand, by=request.user, now=utcnow(), **form.cleaned_data)
    return _page(request, brand, link=f"{settings.SITE_URL}{path}")


@brand_page(Right.PEOPLE)
def roles(request: PersonRequest, brand: Brand, pk: int) -> HttpResponse:
    """One person's roles and department."""
    person = queries.person_at(brand, pk)
    row = next(row for row in queries.colleagues(brand) if row.user == person)
    form = RolesForm(
        request.POST or None,
        brand=brand,
        initial={"roles": [str(role) for role in row.roles], "department": row.department},
    )
    if request.method == "POST" and form.is_valid():
        change_roles(
            brand=brand,
            by=request.user,
            now=utcnow(),
            user=person,
            roles=set(form.cleaned_data["roles"]),
            department=form.cleaned_data["department"],
        )
        messages.success(request, _("%(person)s: roles saved.") % {"person": person})
        return redirect("people", brand.slug)
    return render(request, "web/person.html", {"section": "settings", "person": person, "form": form})
