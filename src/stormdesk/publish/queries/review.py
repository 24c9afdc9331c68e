"""The resume review: what is held, checked again, against what has happened since it came due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from stormdesk.declare.models import Crisis
from stormdesk.declare.queries import open_crisis
from stormdesk.detect.models import Alert
from stormdesk.journal.models import Entry
from stormdesk.journal.queries import Told, told
from stormdesk.journal.registry import kinds, sentence_of
from stormdesk.pause.models import Pause
from stormdesk.pause.queries import covering
from stormdesk.people.models import Brand
from stormdesk.policy.rules import Finding
from stormdesk.publish import rules
from stormdesk.publish.models import Post
from stormdesk.publish.queries.posts import findings_of, held


@dataclass(frozen=True)
class Row:
    """Held posts composed together, with what the rules say now and the pauses that still cover them."""

    posts: list[Post]
    findings: list[Finding]
    pauses: list[Pause]

    @property
    def post(self) -> Post:
        return self.posts[0]

    @property
    def blocks(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.blocks]


@dataclass(frozen=True)
class Since:
    """What has happened since a post was last looked at by a person."""

    moment: datetime
    alerts: int
    crisis: Crisis | None
    entries: list[Told]


def pause_of(post: Post) -> Pause | None:
    """The pause that would hold the post now."""
    if not rules.obeys_pause(post.kind):
        return None
    return covering(post.brand_id, post.account.network, post.account_id)


def queue(brand: Brand, now: datetime) -> list[Row]:
    """Everything that waits for a decision, by text and reason, checked against the policy as it is now."""
    together: dict[tuple, list[Post]] = {}
    for post in held(brand):
        together.setdefault((post.group or post.pk, post.text, post.state, post.hold_reason), []).append(post)
    rows = []
    for posts in together.values():
        found = {finding.title: finding for post in posts for finding in findings_of(post, now)}
        pauses = {pause.pk: pause for post in posts if (pause := pause_of(post))}
        rows.append(Row(posts, list(found.values()), list(pauses.values())))
    return rows


def since(post: Post, now: datetime) -> Since:
    """Alerts, the crisis and what is marked in the record since the post was approved."""
    approval = post.approvals.filter(yes=True).order_by("-at").first()
    moment = approval.at if approval else post.made_at
    marked = [kind for kind in kinds() if sentence_of(kind).mark]
    entries = Entry.objects.filter(brand=post.brand_id, at__gt=moment, at__lte=now, kind__in=marked)
    return Since(
        moment,
        Alert.objects.filter(brand=post.brand_id, noticed_at__gt=moment).count(),
        open_crisis(post.brand),
        [told(entry) for entry in entries.exclude(subject=f"post:{post.pk}").order_by("-sequence")[:8]],
    )


def next_free(post: Post, now: datetime) -> datetime:
    """A suggestion for moving: the same hour of the same weekday, the first that lies ahead."""
    moment = post.due_at or now
    weeks = max(0, (now - moment) // timedelta(days=7))
    moment += timedelta(days=7 * weeks)
    while moment <= now + timedelta(hours=1):
        moment += timedelta(days=7)
    return moment
