"""Users, brands, departments, memberships, invitations and personal API tokens."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from stormdesk.core.enums import choices
from stormdesk.people.rules import Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. `is_administrator` looks after the server; it opens no brand by itself."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=5, blank=True, help_text="empty: as the browser asks")
    time_zone = models.CharField(max_length=63, blank=True, help_text="empty: the brand's")
    theme = models.CharField(max_length=5, blank=True, help_text="light, dark or as the system")
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Up to two letters for the round mark beside a name."""
        return "".join(word[0] for word in self.name.split()[:2]).upper() or self.email[:2].upper()


class Brand(models.Model):
    """Whom the desk works for. Brands are walls: nothing of one is seen from another."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=63, default="UTC")
    language = models.CharField(
        max_length=5, default="en", help_text="language of shipped playbooks and templates"
    )
    is_drill = models.BooleanField(
        default=False, help_text="a practice brand: nothing of it reaches a real network"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["is_drill", "name"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of the company that gets tasks: PR, legal, customer care …"""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="departments")
    key = models.SlugField(
        max_length=40, help_text="the name playbooks use: pr, legal, care, social, product, hr, executive"
    )
    name = models.CharField(max_length=80)
    head = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_department_per_key")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """This person has this role at this brand."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=choices(Role))
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, blank=True, related_name="memberships"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "brand", "role"], name="one_membership_per_role")
        ]


class Invitation(models.Model):
    """A link that lets one person in, once. Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    brand = models.ForeignKey(Brand, models.CASCADE, null=True, blank=True, related_name="invitations")
    role = models.CharField(max_length=12, choices=choices(Role), blank=True)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True)
    makes_administrator = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class ApiToken(models.Model):
    """A personal key for the JSON API; it may do what its person may do. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
