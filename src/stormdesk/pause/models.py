"""The pause and the gate row that publishers and the pause contend for (G1)."""

from __future__ import annotations

from django.db import models

from stormdesk.accounts.models import Account
from stormdesk.core.enums import choices
from stormdesk.declare.models import Crisis
from stormdesk.pause.rules import Scope
from stormdesk.people.models import Brand, User


class Gate(models.Model):
    """One row a brand. A publisher holds it shared while it takes a post; a pause holds it alone while it begins."""

    brand = models.OneToOneField(Brand, models.CASCADE, primary_key=True, related_name="gate")
    epoch = models.PositiveBigIntegerField(default=0, help_text="counts pauses and resumes")


class Pause(models.Model):
    """Publishing is stopped. `in_force_at` is set only when nothing it covers is on the wire any more."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="pauses")
    scope = models.CharField(max_length=10, choices=choices(Scope))
    network = models.CharField(max_length=20, blank=True)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="pauses")
    crisis = models.ForeignKey(Crisis, models.SET_NULL, null=True, blank=True, related_name="pauses")
    reason = models.CharField(max_length=500)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)
    review_at = models.DateTimeField(help_text="when people are asked whether it should go on")
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["brand"], name="open_pauses", condition=models.Q(ended_at__isnull=True))
        ]
