"""Posts, statements and their versions, the fact ledger, approvals."""

from __future__ import annotations

from django.db import models

from stormdesk.accounts.models import Account
from stormdesk.coordinate.models import Task
from stormdesk.core.enums import choices
from stormdesk.declare.models import Crisis
from stormdesk.people.models import Brand, User
from stormdesk.publish.rules import FactState, HoldReason, PostKind, PostState, StatementKind, StatementState


class Fact(models.Model):
    """A line of the fact ledger: what is confirmed, not known yet, or refuted."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="facts")
    crisis = models.ForeignKey(Crisis, models.CASCADE, related_name="facts")
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=choices(FactState))
    source = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    replaced_by = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces"
    )

    class Meta:
        ordering = ["-at"]


class Statement(models.Model):
    """What the company says about a crisis, once, to many networks."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="statements")
    crisis = models.ForeignKey(Crisis, models.CASCADE, null=True, blank=True, related_name="statements")
    number = models.PositiveSmallIntegerField(default=1, help_text="within the crisis")
    kind = models.CharField(max_length=10, choices=choices(StatementKind))
    title = models.CharField(max_length=150)
    template = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=5)
    text = models.TextField(help_text="with blanks as {{name}} until they are filled")
    short_text = models.TextField(
        blank=True, help_text="for networks with short posts; empty: the text itself"
    )
    promise_at = models.DateTimeField(null=True, blank=True, help_text="when the next word is promised")
    promise_task = models.ForeignKey(Task, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=choices(StatementState), default=StatementState.DRAFT)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="who wrote it last")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    review_since = models.DateTimeField(null=True, blank=True)
    text_hash = models.CharField(max_length=64, blank=True, help_text="of what approvers see")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.title


class StatementVersion(models.Model):
    """How a statement read after each change."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="versions")
    text = models.TextField()
    short_text = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]


class Post(models.Model):
    """One text for one account. The outbox takes it when it is due (G1, G2, G3)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="posts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=10, choices=choices(PostKind), default=PostKind.POST)
    group = models.UUIDField(
        null=True, blank=True, db_index=True, help_text="posts composed together for several accounts"
    )
    statement = models.ForeignKey(Statement, models.CASCADE, null=True, blank=True, related_name="posts")
    crisis = models.PositiveBigIntegerField(null=True, blank=True)
    text = models.TextField()
    language = models.CharField(max_length=5, blank=True)
    media = models.JSONField(default=list, help_text="[{origin, licence, credit, description, path}]")
    in_reply_to = models.CharField(max_length=255, blank=True)
    to_handle = models.CharField(max_length=255, blank=True)
    visibility = models.CharField(max_length=8, default="public")
    state = models.CharField(max_length=10, choices=choices(PostState), default=PostState.DRAFT)
    hold_reason = models.CharField(max_length=10, choices=choices(HoldReason), blank=True)
    hold_detail = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    tolerance = models.PositiveIntegerField(
        default=900, help_text="seconds; later than this it waits for a person (G3)"
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="who wrote it last")
    scheduled_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="who let it go; a lockdown asks about this person",
    )
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    approved_hash = models.CharField(
        max_length=64, blank=True, help_text="of the text, media, account and audience approved"
    )
    key = models.UUIDField(unique=True, help_text="idempotency key")
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    deadline = models.DateTimeField(
        null=True, blank=True, help_text="after it the claim is dead and the state unknown"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(
        null=True, blank=True, help_text="the first attempt; the network is asked about posts since then"
    )
    retry_at = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveSmallIntegerField(
        default=0, help_text="how often the network said that it has no such post"
    )
    ask_at = models.DateTimeField(
        null=True, blank=True, help_text="when the network is asked again; empty: a person decides"
    )
    native_id = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    delete_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    delete_at = models.DateTimeField(
        null=True, blank=True, help_text="when the outbox deletes it from the network"
    )

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="post_due", condition=models.Q(state="scheduled")),
            models.Index(fields=["deadline"], name="post_on_the_wire", condition=models.Q(state="sending")),
            models.Index(fields=["ask_at"], name="post_ask", condition=models.Q(state="unknown")),
            models.Index(
                fields=["delete_at"], name="post_delete", condition=models.Q(delete_at__isnull=False)
            ),
            models.Index(fields=["brand", "state", "due_at"]),
        ]

    @property
    def title(self) -> str:
        """The first line, short enough for a list."""
        first = next((line.strip() for line in self.text.splitlines() if line.strip()), "")
        return first if len(first) <= 80 else f"{first[:79].rstrip()}…"


class Approval(models.Model):
    """One person's word on one text: of a post or of a statement, bound to its hash (S3)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="approvals")
    post = models.ForeignKey(Post, models.CASCADE, null=True, blank=True, related_name="approvals")
    statement = models.ForeignKey(Statement, models.CASCADE, null=True, blank=True, related_name="approvals")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    yes = models.BooleanField()
    comment = models.CharField(max_length=500, blank=True)
    text_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                name="approval_of_one_thing",
                condition=models.Q(post__isnull=False, statement__isnull=True)
                | models.Q(post__isnull=True, statement__isnull=False),
            )
        ]
