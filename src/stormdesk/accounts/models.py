"""The brand's accounts on networks, their sealed secrets, and who may use which."""

from __future__ import annotations

from django.db import models

from stormdesk.accounts.rules import AccountState, Use
from stormdesk.core.enums import choices
from stormdesk.networks.legal import Standing
from stormdesk.people.models import Brand, User


class Account(models.Model):
    """An account of the brand, connected once; nobody sees its secret again (A1)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="accounts")
    network = models.CharField(max_length=20, help_text="name of a folder in networks/: mastodon, practice …")
    handle = models.CharField(max_length=150)
    name = models.CharField(max_length=150, blank=True)
    url = models.CharField(max_length=500, blank=True)
    settings = models.JSONField(default=dict, help_text="what the network's client needs and is no secret")
    state = models.CharField(max_length=12, choices=choices(AccountState), default=AccountState.CONNECTED)
    problem = models.CharField(max_length=500, blank=True, help_text="the sentence of the last failed check")
    restricted = models.BooleanField(default=False, help_text="only people with a grant may use it")
    connected_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    connected_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    secret_changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["network", "handle"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "network", "handle"], name="one_account_per_handle")
        ]

    def __str__(self) -> str:
        return f"{self.network}: {self.handle}"


class Secret(models.Model):
    """The sealed token or password of an account, apart from it so that no list ever loads one."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="secret")
    sealed = models.TextField()
    renewing = models.CharField(max_length=32, blank=True, help_text="who renews its key, or died doing so")
    renewing_until = models.DateTimeField(null=True, blank=True)


class ClientKey(models.Model):
    """The sealed key pair with which this desk says who it is where accounts of a network sign in; one for all brands."""

    network = models.CharField(max_length=20, unique=True)
    sealed = models.TextField()


class Grant(models.Model):
    """This person may publish, or reply, through this account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, models.CASCADE, related_name="account_grants")
    use = models.CharField(max_length=8, choices=choices(Use))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user", "use"], name="one_grant_per_use")]


class LegalNote(models.Model):
    """How a network stands in a country's law, as this brand's people looked it up; takes the place of what is shipped."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="legal_notes")
    network = models.CharField(max_length=20)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    status = models.CharField(max_length=12, choices=choices(Standing))
    text = models.CharField(max_length=500, blank=True)
    as_of = models.DateField()
    source = models.URLField(max_length=500, blank=True)
    saved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "network", "country"], name="one_legal_note_per_country")
        ]
