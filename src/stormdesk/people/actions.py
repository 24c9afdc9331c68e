"""Brands, invitations, roles and keys: what people may do about people."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from anyascii import anyascii
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from stormdesk.core.errors import BadInput, Conflict, Refused
from stormdesk.people.access import may_begin_brand, require
from stormdesk.people.models import ApiToken, Brand, Department, Invitation, Membership, User
from stormdesk.people.rules import Right, Role

# The keys are what playbooks use.
DEPARTMENTS = {
    "pr": gettext_noop("PR"),
    "legal": gettext_noop("Legal"),
    "care": gettext_noop("Customer care"),
    "social": gettext_noop("Social media"),
    "product": gettext_noop("Product and quality"),
    "hr": gettext_noop("Human resources"),
    "executive": gettext_noop("Management"),
}
OWNER_LINK_HOURS = 24
INVITATION_DAYS = 7


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def owner_link(*, now: datetime) -> str | None:
    """The path of a one-time link with which the first person becomes owner; None once somebody has an account.

    Each call makes the earlier links of this kind useless.
    """
    if User.objects.exists():
        return None
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        Invitation.objects.filter(makes_administrator=True, used_at__isnull=True).delete()
        Invitation.objects.create(
            token_hash=_hash(token),
            makes_administrator=True,
            made_at=now,
            expires_at=now + timedelta(hours=OWNER_LINK_HOURS),
        )
    return reverse("join", args=[token])


def invite(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    role: str,
    email: str = "",
    department: Department | None = None,
) -> str:
    """The path of a link that lets one person in, once, with this role. Raises AccessDenied, Refused."""
    require(by, Right.PEOPLE, brand)
    if department and department.brand_id != brand.pk:
        raise Refused(_("That department belongs to another brand. Choose one of this brand's departments."))
    token = secrets.token_urlsafe(24)
    Invitation.objects.create(
        token_hash=_hash(token),
        email=email,
        brand=brand,
        role=Role(role),
        department=department,
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    return reverse("join", args=[token])


def find_invitation(token: str, *, now: datetime) -> Invitation:
    """The invitation that is still good. Raises Refused."""
    found = Invitation.objects.filter(token_hash=_hash(token)).select_related("brand", "department").first()
    if found is None or found.used_at or found.expires_at < now:
        raise Refused(
            _(
                "This link has been used or has expired. Nothing was changed; ask the person who sent it for a new one."
            )
        )
    return found


def accept_invitation(
    *, token: str, now: datetime, name: str, email: str, password: str, language: str = ""
) -> User:
    """Make the account and use the link up. Raises Refused for a used link, BadInput for a weak password."""
    with transaction.atomic():
        invitation = find_invitation(token, now=now)
        email = (email or invitation.email).strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise BadInput(_("Somebody already signs in with this address. Sign in, or use another address."))
        user = User(email=email, name=name.strip(), language=language)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise BadInput(" ".join(error.messages)) from None
        user.set_password(password)
        user.is_administrator = invitation.makes_administrator
        if not Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True).update(used_at=now):
            raise Conflict(_("This link was used a moment ago. Sign in instead."))
        user.save()
        if invitation.brand:
            Membership.objects.create(
                user=user, brand=invitation.brand, role=invitation.role, department=invitation.department
            )
    return user


def begin_brand(name: str, *, language: str = "en", time_zone: str = "UTC", is_drill: bool = False) -> Brand:
    """A brand with a free address and the departments that playbooks know, named in its language, and nobody in it yet.

    Raises BadInput.
    """
    name = name.strip()
    if not name:
        raise BadInput(_("A brand needs a name. Write the name people use for it."))
    longest = Brand._meta.get_field("name").max_length or len(name)
    if len(name) > longest:
        raise BadInput(
            _("A brand's name has at most %(longest)s characters. Shorten it.") % {"longest": longest}
        )
    stem = slugify(anyascii(name))[:40] or "brand"
    with transaction.atomic(), override(language):
        slug, number = stem, 1
        while Brand.objects.filter(slug=slug).exists():
            number += 1
            slug = f"{stem}-{number}"
        brand = Brand.objects.create(
            name=name, slug=slug, language=language, time_zone=time_zone, is_drill=is_drill
        )
        Department.objects.bulk_create(
            Department(brand=brand, key=key, name=_(word)) for key, word in DEPARTMENTS.items()
        )
    return brand


def create_brand(
    *,
    by: User,
    now: datetime,
    name: str,
    language: str = "en",
    time_zone: str = "UTC",
    is_drill: bool = False,
) -> Brand:
    """A new brand with its departments; `by` becomes its owner. Raises Refused, BadInput."""
    if not is_drill and not may_begin_brand(by):
        raise Refused(
            _("Only the administrator of this server adds brands. Ask them; they are named under People.")
        )
    with transaction.atomic():
        brand = begin_brand(name, language=language, time_zone=time_zone, is_drill=is_drill)
        Membership.objects.create(user=by, brand=brand, role=Role.OWNER)
    by.__dict__.pop("_rights", None)
    return brand


def set_roles(
    *,
    brand: Brand,
    by: User,
    now: datetime,
    user: User,
    roles: set[str],
    department: Department | None = None,
) -> None:
    """Give a person exactly these roles at the brand; an empty set removes them. Raises AccessDenied, Refused."""
    require(by, Right.PEOPLE, brand)
    wanted = {Role(role) for role in roles}
    with transaction.atomic():
        present = Membership.objects.select_for_update().filter(brand=brand)
        others_own = present.filter(role=Role.OWNER).exclude(user=user).exists()
        if Role.OWNER not in wanted and not others_own:
            raise Refused(_("A brand needs an owner. Make somebody else owner first."))
        present.filter(user=user).exclude(role__in=wanted).delete()
        for role in wanted:
            Membership.objects.update_or_create(
                user=user, brand=brand, role=role, defaults={"department": department}
            )


def make_token(*, user: User, name: str, now: datetime) -> str:
    """A personal API key, shown this once. It may do what its person may do."""
    token = f"sd_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(user=user, name=name.strip()[:80] or "API", token_hash=_hash(token), made_at=now)
    return token


def revoke_token(*, user: User, pk: int, now: datetime) -> None:
    """Make one of one's own keys useless, at once."""
    ApiToken.objects.filter(user=user, pk=pk, revoked_at__isnull=True).update(revoked_at=now)


def user_of_token(token: str, *, now: datetime) -> User | None:
    """Whose key this is, if it is good and its person may still sign in."""
    found = (
        ApiToken.objects.filter(token_hash=_hash(token), revoked_at__isnull=True, user__is_active=True)
        .select_related("user")
        .first()
    )
    if found is None:
        return None
    # once a minute is enough to say when a key was last used
    if found.used_at is None or now - found.used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    return found.user


def change_me(*, user: User, name: str, language: str, time_zone: str, theme: str) -> None:
    """One's own name, language, time zone and look."""
    User.objects.filter(pk=user.pk).update(
        name=name.strip(), language=language, time_zone=time_zone, theme=theme
    )


def drill_colleague(*, brand: Brand, name: str, role: Role = Role.PUBLISHER) -> User:
    """A colleague who exists only in a drill and is played by Stormdesk. Nobody can sign in as one."""
    if not brand.is_drill:
        raise Refused(_("Played colleagues belong to drills only."))
    played = Membership.objects.filter(brand=brand, user__email__endswith=f"@{brand.slug}.invalid").count()
    user = User(email=f"played-{played + 1}@{brand.slug}.invalid", name=name)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, brand=brand, role=role)
    return user
