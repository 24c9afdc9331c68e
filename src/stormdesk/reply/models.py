"""Conversations with people: what waits for an answer, who is answering, drafts, macros."""

from __future__ import annotations

from django.db import models

from stormdesk.accounts.models import Account
from stormdesk.core.enums import choices
from stormdesk.listen.models import Mention, Narrative
from stormdesk.people.models import Brand, User
from stormdesk.publish.models import Post
from stormdesk.reply.rules import ConversationState, Direction


class Conversation(models.Model):
    """Everything one person and the brand said to each other about one matter, public and private (R3)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="conversations")
    network = models.CharField(max_length=20)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="conversations")
    thread = models.CharField(max_length=255, help_text="native id of the post it began with")
    person_id = models.CharField(max_length=255, blank=True)
    handle = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    state = models.CharField(
        max_length=10, choices=choices(ConversationState), default=ConversationState.WAITING
    )
    urgency = models.PositiveSmallIntegerField(default=0)
    narrative = models.ForeignKey(Narrative, models.SET_NULL, null=True, blank=True, related_name="+")
    waits_since = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="by working hours")
    assigned_to = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    held_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", help_text="who is answering now"
    )
    held_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    public_closed_at = models.DateTimeField(
        null=True, blank=True, help_text="when the public half was closed after moving to private"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-urgency", "waits_since"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "network", "thread", "handle"], name="one_conversation_per_thread"
            )
        ]
        indexes = [models.Index(fields=["brand", "state", "-urgency", "waits_since"])]


class Line(models.Model):
    """One thing said in a conversation, by the person (a mention) or by the brand (a post)."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="lines")
    direction = models.CharField(max_length=3, choices=choices(Direction))
    mention = models.OneToOneField(Mention, models.CASCADE, null=True, blank=True, related_name="line")
    post = models.OneToOneField(Post, models.CASCADE, null=True, blank=True, related_name="line")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class ReplyDraft(models.Model):
    """What a person has typed so far; never lost (R1)."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    private_text = models.TextField(blank=True, help_text="the private half when both are written together")
    visibility = models.CharField(max_length=8, default="public", help_text="public, direct or both")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="one_draft_per_person")]


class Macro(models.Model):
    """A short answer that has proved good, with blanks."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="macros")
    title = models.CharField(max_length=120)
    text = models.TextField()
    language = models.CharField(max_length=5)
    channel = models.CharField(max_length=8, default="public", help_text="where it belongs: public or direct")
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-used", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "language", "title"], name="one_macro_per_title")
        ]


class OfficeHours(models.Model):
    """When people of the brand answer; without a row: Monday to Friday, 9 to 18."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="office_hours")
    opens = models.PositiveSmallIntegerField(default=9 * 60, help_text="minutes since midnight")
    closes = models.PositiveSmallIntegerField(default=18 * 60)
    days = models.JSONField(default=list, help_text="0 is Monday")
