"""Ways to reach people, who is on call, escalations and the single calls they make."""

from __future__ import annotations

from django.db import models

from stormdesk.core.enums import choices
from stormdesk.notify.rules import CallState, ChannelKind
from stormdesk.people.models import Brand, User


class Channel(models.Model):
    """A way to reach a person. What leads there is sealed, since it is often a secret itself."""

    user = models.ForeignKey(User, models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=choices(ChannelKind))
    address = models.CharField(max_length=254, help_text="e-mail address, or what is shown of the rest")
    sealed = models.TextField(blank=True, help_text="all but e-mail: address and keys, sealed")
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    last_failure = models.CharField(max_length=300, blank=True)


class Quiet(models.Model):
    """The hours in which a person is only called, not told: in the person's own time zone."""

    user = models.OneToOneField(User, models.CASCADE, related_name="quiet")
    begins = models.TimeField()
    ends = models.TimeField()


class Shift(models.Model):
    """Who is on call for a brand, from when until when."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="shifts")
    user = models.ForeignKey(User, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                name="shift_ends_later", condition=models.Q(ends_at__gt=models.F("starts_at"))
            )
        ]


class Step(models.Model):
    """A step of the brand's escalation: after so many minutes without acknowledgement, call these people."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="escalation_steps")
    position = models.PositiveSmallIntegerField()
    after_minutes = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="+", help_text="empty: whoever is on call"
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["brand", "position"], name="one_step_per_position")]


class Escalation(models.Model):
    """A matter people are called about until somebody acknowledges it."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="escalations")
    about = models.CharField(max_length=60, help_text="alert:5, crisis:2, source:7")
    path = models.CharField(max_length=200, help_text="the page that opens from the message")
    facts = models.JSONField(
        default=dict, help_text="what the sentence needs, told in each person's language"
    )
    kind = models.CharField(max_length=40, help_text="alert, crisis, silent_source, task …")
    crisis = models.PositiveBigIntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0, help_text="steps already called")
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="when the next step is due; empty: no more steps"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "about"],
                name="one_open_escalation",
                condition=models.Q(ended_at__isnull=True),
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], name="escalation_due", condition=models.Q(ended_at__isnull=True))
        ]


class Call(models.Model):
    """One message to one person: due, claimed by guarded update, sent or failed."""

    escalation = models.ForeignKey(Escalation, models.CASCADE, null=True, blank=True, related_name="calls")
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="calls")
    user = models.ForeignKey(User, models.CASCADE, related_name="calls")
    channel = models.ForeignKey(Channel, models.SET_NULL, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    path = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=choices(CallState), default=CallState.DUE)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="call_due", condition=models.Q(state="due"))]
