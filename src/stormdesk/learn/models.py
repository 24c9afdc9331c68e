"""Reviews, preventive measures, drills."""

from __future__ import annotations

from django.db import models

from stormdesk.core.enums import choices
from stormdesk.declare.models import Crisis
from stormdesk.learn.rules import DrillState, MeasureState
from stormdesk.people.models import Brand, User


class Review(models.Model):
    """What happened, written by the software as far as facts go; people add why."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="reviews")
    crisis = models.OneToOneField(Crisis, models.CASCADE, related_name="review")
    answers = models.JSONField(default=dict, help_text="question key → text")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")


class PreventiveMeasure(models.Model):
    """What will be done so that it does not happen again; followed until done (N2)."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="measures")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=choices(MeasureState), default=MeasureState.OPEN)
    done_at = models.DateTimeField(null=True, blank=True)


class Drill(models.Model):
    """A recorded or written crisis run against nobody, at a practice brand of its own."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="drill")
    name = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    speed = models.PositiveIntegerField(default=1, help_text="story seconds a second")
    state = models.CharField(max_length=8, choices=choices(DrillState), default=DrillState.RUNNING)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    story_start = models.DateTimeField(help_text="the moment of the story's offset 0")
    fed_until = models.PositiveIntegerField(default=0, help_text="story seconds already fed")
    ended_at = models.DateTimeField(null=True, blank=True)
    score = models.JSONField(default=dict)
