"""The record (append-only, hash-chained, one chain per brand and one for the installation) and live events."""

from __future__ import annotations

from django.db import models

from stormdesk.people.models import Brand, User


class Head(models.Model):
    """The last link of a chain; its row is the lock under which the next link is made."""

    chain = models.PositiveBigIntegerField(
        primary_key=True, help_text="the brand's number; 0 for the installation"
    )
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class Entry(models.Model):
    """One thing that was done or noticed. Never updated, never deleted: the database itself refuses."""

    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="journal")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=60, help_text="a name registered with its sentence: pause.started")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(
        max_length=150, blank=True, help_text="the name at that time; empty: Stormdesk itself"
    )
    subject = models.CharField(max_length=60, blank=True, help_text="what it is about: post:12, alert:5")
    crisis = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="number of the crisis row it belongs to"
    )
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["brand_id", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "sequence"], name="one_entry_per_link"),
            models.UniqueConstraint(
                fields=["sequence"], name="one_entry_per_house_link", condition=models.Q(brand__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "crisis", "at"]),
            models.Index(fields=["brand", "subject"]),
            models.Index(fields=["brand", "kind", "at"]),
        ]


class LiveEvent(models.Model):
    """Something on a page has changed: tells open browsers which part to fetch anew. Pruned after an hour."""

    brand = models.ForeignKey(Brand, models.CASCADE, null=True, related_name="+")
    topic = models.CharField(
        max_length=40, help_text="mentions, alerts, crisis, pause, posts, inbox, tasks, sources, drill"
    )
    ref = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(db_index=True)
