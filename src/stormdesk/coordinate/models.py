"""Tasks: who does what until when."""

from __future__ import annotations

from django.db import models

from stormdesk.coordinate.rules import TaskKind, TaskState
from stormdesk.core.enums import choices
from stormdesk.declare.models import Crisis
from stormdesk.people.models import Brand, Department, User


class Task(models.Model):
    """A duty with an owner or a department and a time."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="tasks")
    crisis = models.ForeignKey(Crisis, models.CASCADE, null=True, blank=True, related_name="tasks")
    key = models.CharField(max_length=60, blank=True, help_text="its name in the playbook")
    kind = models.CharField(max_length=10, choices=choices(TaskKind), default=TaskKind.OTHER)
    title = models.CharField(max_length=200)
    why = models.CharField(max_length=500, blank=True)
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True, related_name="tasks")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="tasks")
    due_at = models.DateTimeField(null=True, blank=True)
    checklist = models.JSONField(default=list, help_text='[{"text": …, "done": bool}]')
    blocked_by = models.ManyToManyField("self", symmetrical=False, related_name="blocks", blank=True)
    path = models.CharField(max_length=200, blank=True, help_text="the page on which it is done")
    state = models.CharField(max_length=8, choices=choices(TaskState), default=TaskState.OPEN)
    result = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    done_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    nudges = models.PositiveSmallIntegerField(default=0)
    nudge_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["brand", "state", "due_at"]),
            models.Index(
                fields=["nudge_at"], name="task_nudge", condition=models.Q(state__in=["open", "doing"])
            ),
        ]

    def __str__(self) -> str:
        return self.title
