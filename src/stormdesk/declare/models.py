"""The crisis, its people and the measures taken at once."""

from __future__ import annotations

from django.db import models

from stormdesk.core.enums import choices
from stormdesk.declare.rules import (
    OPEN_STATES,
    CrisisRole,
    CrisisState,
    CrisisType,
    MeasureKind,
    MeasureState,
)
from stormdesk.detect.models import Alert
from stormdesk.people.models import Brand, User


class Playbook(models.Model):
    """A brand's own playbook; a brand begins with copies of the shipped ones (declare/playbooks/)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="playbooks")
    type = models.CharField(max_length=20, choices=choices(CrisisType))
    title = models.CharField(max_length=150)
    body = models.JSONField(help_text="tasks, measures at once, templates, promise interval, whom to tell")
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["title"]


class Crisis(models.Model):
    """A declared crisis. `playbook` is a copy: editing the playbook never disturbs a running crisis (C1)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="crises")
    title = models.CharField(max_length=150)
    type = models.CharField(max_length=20, choices=choices(CrisisType))
    severity = models.PositiveSmallIntegerField(
        help_text="1 watch closely, 2 serious, 3 the company is at stake"
    )
    state = models.CharField(max_length=10, choices=choices(CrisisState), default=CrisisState.ACTIVE)
    lead = models.ForeignKey(User, models.PROTECT, related_name="+")
    alert = models.ForeignKey(Alert, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500)
    playbook = models.JSONField(default=dict)
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    began_at = models.DateTimeField(help_text="when it began, by the data or by the person who declared")
    contained_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-declared_at"]
        verbose_name_plural = "crises"
        constraints = [
            models.CheckConstraint(name="severity_one_to_three", condition=models.Q(severity__range=(1, 3))),
            models.UniqueConstraint(
                fields=["brand"],
                name="one_open_crisis",
                condition=models.Q(state__in=[s.value for s in OPEN_STATES]),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TeamMember(models.Model):
    """This person has this role in this crisis."""

    crisis = models.ForeignKey(Crisis, models.CASCADE, related_name="team")
    user = models.ForeignKey(User, models.PROTECT, related_name="crisis_roles")
    role = models.CharField(max_length=12, choices=choices(CrisisRole))
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crisis", "user", "role"], name="one_crisis_role")]


class Measure(models.Model):
    """Something done at once when declaring, with its state; a failed one can be tried again (C2)."""

    crisis = models.ForeignKey(Crisis, models.CASCADE, related_name="measures")
    kind = models.CharField(max_length=10, choices=choices(MeasureKind))
    state = models.CharField(max_length=8, choices=choices(MeasureState), default=MeasureState.RUNNING)
    detail = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crisis", "kind"], name="one_measure_per_kind")]
