"""What the brand calls a crisis, the scored series, alerts, silences, and concerns raised by hand."""

from __future__ import annotations

from django.db import models

from stormdesk.core.enums import choices
from stormdesk.detect.rules import AlertState, ConcernState, KnownKind, Level, TrialState
from stormdesk.listen.models import Mention, Narrative, Source
from stormdesk.people.models import Brand, User


class Definition(models.Model):
    """What the brand calls a crisis: one version; the newest is in force."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="definitions")
    version = models.PositiveIntegerField()
    budget = models.FloatField(default=1.0, help_text="false alarms a week that are tolerated")
    settings = models.JSONField(
        default=dict, help_text="conditions, words of danger, who is called, whose holidays: rules.criteria"
    )
    saved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "version"], name="one_definition_per_version")
        ]


class TrialRun(models.Model):
    """A definition being tried on the past by the worker, beside the one in force when it was asked for."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="trials")
    key = models.CharField(max_length=64, help_text="of all that the result depends on")
    wanted = models.JSONField(help_text="the definition that is tried: budget and rules.criteria")
    present = models.JSONField(help_text="the definition in force")
    state = models.CharField(max_length=10, choices=choices(TrialState), default=TrialState.WAITING)
    progress = models.FloatField(default=0, help_text="0 to 1")
    result = models.JSONField(default=dict)
    seconds = models.FloatField(default=0, help_text="how long counting took")
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["brand", "key"])]


class Series(models.Model):
    """The detector's memory of one brand; saved in the transaction that stores its scores."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="series")
    scored_until = models.DateTimeField(null=True, blank=True)
    settled_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="end of what `state` has taken in; what came after it is still counted again",
    )
    state = models.JSONField(default=dict)
    files = models.JSONField(
        default=dict, help_text="imported files whose past it knows: per source how far they were read"
    )


class Score(models.Model):
    """One closed five-minute bucket: what came, what was expected."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="scores")
    at = models.DateTimeField(help_text="start of the bucket")
    mentions = models.PositiveIntegerField(null=True, help_text="empty: nothing could be heard")
    negative = models.PositiveIntegerField(default=0)
    expected = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    score = models.FloatField(default=0)
    heard_share = models.FloatField(default=1, help_text="share of the sources that could hear, 0 to 1")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "at"], name="one_score_per_bucket")]


class Alert(models.Model):
    """One storm: noticed, grown, and what people decided about it."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="alerts")
    level = models.CharField(max_length=10, choices=choices(Level))
    kind = models.CharField(max_length=20, help_text="volume, content, slow, silence …")
    state = models.CharField(max_length=12, choices=choices(AlertState), default=AlertState.OPEN)
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="alerts")
    narrative = models.ForeignKey(Narrative, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(help_text="when it began, by the data")
    noticed_at = models.DateTimeField()
    last_at = models.DateTimeField(help_text="last bucket that still belongs to it")
    ended_at = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    peak = models.FloatField(default=0)
    severity = models.PositiveSmallIntegerField(default=1, help_text="1 to 4; its parts are in the facts")
    hushed = models.BooleanField(
        default=False, help_text="explained by something known, so nobody was called"
    )
    relapse_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="relapses", help_text="the first storm"
    )
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    silenced_until = models.DateTimeField(null=True, blank=True)
    crisis = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-noticed_at"]
        indexes = [models.Index(fields=["brand", "state", "-noticed_at"])]


class AlertPost(models.Model):
    """One of the five posts that show what an alert is about."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="posts")
    mention = models.ForeignKey(Mention, models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["alert", "rank"], name="one_post_per_rank")]


class Silence(models.Model):
    """No alerts for a while: who said so, why, and until when."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="silences")
    reason = models.CharField(max_length=500)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")


class Known(models.Model):
    """Something known ahead: what happens in its time is explained by it, and needs more than volume to call people."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="known")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=choices(KnownKind))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["brand", "ends_at"])]
        constraints = [
            models.CheckConstraint(
                name="known_ends_later", condition=models.Q(ends_at__gt=models.F("starts_at"))
            )
        ]


class Concern(models.Model):
    """Something a person noticed; somebody decides whether it needs a reaction (D5)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="concerns")
    text = models.TextField()
    url = models.CharField(max_length=1000, blank=True)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=choices(ConcernState), default=ConcernState.RAISED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-raised_at"]
