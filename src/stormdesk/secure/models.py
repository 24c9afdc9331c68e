"""Lockdown: an overlay over everybody's rights, so that ending it restores them exactly (A2)."""

from __future__ import annotations

from django.db import models

from stormdesk.declare.models import Crisis
from stormdesk.people.models import Brand, User


class Lockdown(models.Model):
    """While open, only the people in `keeps` may publish or reply for the brand."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="lockdowns")
    crisis = models.ForeignKey(Crisis, models.SET_NULL, null=True, blank=True, related_name="lockdowns")
    reason = models.CharField(max_length=500)
    keeps = models.ManyToManyField(User, related_name="+")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand"], name="one_open_lockdown", condition=models.Q(ended_at__isnull=True)
            )
        ]
