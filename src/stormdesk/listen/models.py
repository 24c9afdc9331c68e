"""Sources, queries, mentions with their history, narratives, and the counters detection reads."""

from __future__ import annotations

from django.db import models

from stormdesk.accounts.models import Account
from stormdesk.core.enums import choices
from stormdesk.listen.rules import ImportState, QueryKind, SourceState
from stormdesk.people.models import Brand, User


class Source(models.Model):
    """A place the brand listens to: a network and a way of asking it."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="sources")
    network = models.CharField(max_length=20)
    kind = models.CharField(
        max_length=20, help_text="search, notifications, timeline, stream, feed, webhook, import, practice"
    )
    name = models.CharField(max_length=120)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="sources")
    settings = models.JSONField(default=dict)
    sealed = models.TextField(
        blank=True, help_text="the source's own secret, sealed: a webhook's signing key"
    )
    cursor = models.JSONField(
        default=dict, help_text="moves only in the transaction that stores the mentions (G4)"
    )
    state = models.CharField(max_length=8, choices=choices(SourceState), default=SourceState.OK)
    problem = models.CharField(max_length=500, blank=True)
    trouble = models.JSONField(
        default=dict,
        help_text="the problem as a translatable message and its facts, for pages in any language",
    )
    failures = models.PositiveIntegerField(default=0, help_text="failed attempts in a row")
    speaks_every = models.PositiveIntegerField(
        default=3600, help_text="seconds after which silence is an alarm (G5); 0: never"
    )
    poll_every = models.PositiveIntegerField(
        default=60, help_text="seconds between questions; 0: the source calls us"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="last successful contact, even with nothing new"
    )
    heard_at = models.DateTimeField(null=True, blank=True, help_text="last new mention")
    behind = models.FloatField(
        null=True, blank=True, help_text="seconds the newest event of its stream was old when it came"
    )
    door = models.JSONField(
        default=dict,
        blank=True,
        help_text="set while its network brings messages to us: the url it was told, when it was last asked about it "
        "(looked_at), the sources that are switched off meanwhile (instead_of)",
    )
    failing_since = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["network", "name"]
        indexes = [models.Index(fields=["due_at"])]

    def __str__(self) -> str:
        return self.name


class Gap(models.Model):
    """A time in which a source heard nothing: shown as a gap, never as zero (G5)."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="gaps")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500)
    heard_later = models.BooleanField(
        default=False, help_text="the source went on where it had stopped, so nothing of this time is missing"
    )

    class Meta:
        indexes = [models.Index(fields=["source", "starts_at"])]


class Query(models.Model):
    """What counts as being about the brand, a competitor or a topic of the industry."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="queries")
    kind = models.CharField(max_length=12, choices=choices(QueryKind), default=QueryKind.BRAND)
    name = models.CharField(max_length=120)
    expression = models.TextField(help_text='words, "phrases", #tags, @handles, AND OR NOT and brackets')
    languages = models.JSONField(default=list, help_text="empty: any")
    is_active = models.BooleanField(default=True)
    saved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_query_per_name")]


class Narrative(models.Model):
    """Posts that tell the same story: near-copies of one another."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="narratives")
    key = models.CharField(max_length=300, help_text="network:native id of the first post")
    label = models.CharField(max_length=160)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    mentions = models.PositiveIntegerField(default=0)
    negative = models.PositiveIntegerField(default=0)
    state = models.JSONField(default=dict)

    class Meta:
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="one_narrative_per_key")]
        indexes = [models.Index(fields=["brand", "-last_at"])]


class Mention(models.Model):
    """Something somebody said, heard once (G4), with what was understood of it."""

    # Foreign keys without an index of their own: the indexes below begin with the brand, and each more costs every row.
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="mentions", db_index=False)
    source = models.ForeignKey(Source, models.SET_NULL, null=True, related_name="mentions", db_index=False)
    network = models.CharField(max_length=20)
    native_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=10, default="post", help_text="post, comment, direct, repost")
    about = models.CharField(max_length=12, choices=choices(QueryKind), default=QueryKind.BRAND)
    queries = models.JSONField(default=list, help_text="ids of the queries that matched")
    author_id = models.CharField(max_length=255, blank=True)
    author_handle = models.CharField(max_length=255)
    author_name = models.CharField(max_length=255, blank=True)
    author_followers = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    url = models.CharField(max_length=1000, blank=True)
    in_reply_to = models.CharField(max_length=255, blank=True)
    thread = models.CharField(max_length=255, blank=True)
    addressed = models.BooleanField(default=False, help_text="speaks to one of the brand's own accounts")
    is_own = models.BooleanField(default=False, help_text="written by one of the brand's own accounts")
    published_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # what was understood; a person's correction overrules it and is kept in Correction
    language = models.CharField(max_length=8, default="unknown")
    negative = models.FloatField(default=0)
    neutral = models.FloatField(default=1)
    positive = models.FloatField(default=0)
    mood = models.CharField(
        max_length=8, default="neutral", help_text="the likeliest of the three, or a person's word"
    )
    complaint = models.FloatField(default=0)
    needs_reply = models.FloatField(default=0)
    waits = models.BooleanField(default=False, help_text="needs an answer and has none yet")
    urgency = models.PositiveSmallIntegerField(default=0)
    scam = models.FloatField(default=0)
    personal_data = models.JSONField(default=list)
    reasons = models.JSONField(default=dict)
    path = models.CharField(max_length=8, default="light")
    narrative = models.ForeignKey(
        Narrative, models.SET_NULL, null=True, blank=True, related_name="told_by", db_index=False
    )
    copy_of = models.CharField(
        max_length=300, blank=True, help_text="network:native id of the post this copies"
    )
    flagged_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    crisis = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["network", "native_id", "brand"], name="each_mention_once")
        ]
        indexes = [
            models.Index(fields=["brand", "-published_at"]),
            models.Index(fields=["brand", "mood", "-published_at"]),
            models.Index(fields=["brand", "narrative", "-published_at"]),
            models.Index(
                fields=["brand", "urgency", "published_at"],
                name="mention_waits",
                condition=models.Q(waits=True),
            ),
            models.Index(fields=["brand", "author_handle", "published_at"], name="mention_author"),
            models.Index(fields=["brand", "thread"], name="mention_thread", condition=~models.Q(thread="")),
            models.Index(
                fields=["crisis", "-published_at"],
                name="mention_crisis",
                condition=models.Q(crisis__isnull=False),
            ),
        ]


class MentionVersion(models.Model):
    """How a mention read before it was edited or deleted (L3)."""

    mention = models.ForeignKey(Mention, models.CASCADE, related_name="versions")
    text = models.TextField()
    until = models.DateTimeField()


class Correction(models.Model):
    """A person says what the model should have understood; kept, counted and used."""

    mention = models.ForeignKey(Mention, models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=20, help_text="mood, needs_reply, complaint, scam, urgency")
    was = models.CharField(max_length=20)
    value = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Taught(models.Model):
    """What the brand's people taught the reader: its own heads, with the history of how each trial of them went."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="taught")
    heads = models.BinaryField(help_text="BrandHeads as it saves itself: arrays and JSON, nothing executable")
    labels = models.PositiveIntegerField(help_text="words of people that are in it")
    learnt_at = models.DateTimeField()
    is_used = models.BooleanField(default=True)


class MinuteCount(models.Model):
    """What was heard in one minute of publication time; written in the mentions' transaction."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    mentions = models.PositiveIntegerField(default=0)
    negative = models.PositiveIntegerField(default=0)
    positive = models.PositiveIntegerField(default=0)
    authors = models.PositiveIntegerField(default=0, help_text="authors not heard earlier in the same minute")
    duplicates = models.PositiveIntegerField(default=0)
    competitor = models.PositiveIntegerField(default=0, help_text="mentions that also name a competitor")
    rivals = models.PositiveIntegerField(default=0, help_text="about a competitor alone; no part of mentions")
    needs_reply = models.PositiveIntegerField(default=0)
    reach = models.PositiveBigIntegerField(default=0)
    outraged = models.PositiveIntegerField(default=0, help_text="mentions with signs of outrage")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "minute"], name="one_count_per_minute")]


class SavedFilter(models.Model):
    """A filter of Heard that a person keeps."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="saved_filters")
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, help_text="the query string of the page")


class Import(models.Model):
    """A file of posts that a person brought: read by the ingest process, in steps, each stored with how far it got."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="imports")
    source = models.ForeignKey(Source, models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200, help_text="the file's name as it was brought")
    path = models.CharField(max_length=500, help_text="in the media folder; removed when done")
    size = models.PositiveBigIntegerField()
    mapping = models.JSONField(default=dict, help_text="which column holds what")
    settings = models.JSONField(default=dict, help_text="time zone, network and language of the posts")
    state = models.CharField(max_length=8, choices=choices(ImportState), default=ImportState.MAPPING)
    problem = models.CharField(max_length=500, blank=True)
    read = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list, help_text="the first hundred: [line, sentence]")
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]


class DailyReview(models.Model):
    """Somebody looked at what came to the brand's own accounts, up to a moment, and signed (L7)."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="daily_reviews")
    since = models.DateTimeField()
    until = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.CharField(max_length=1000, blank=True)
    facts = models.JSONField(default=dict, help_text="the numbers as they were when it was signed")

    class Meta:
        ordering = ["-until"]
        indexes = [models.Index(fields=["brand", "-until"])]
