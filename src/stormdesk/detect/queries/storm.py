"""What a storm is made of: its posts, who spreads it, what else moved, how severe it is, how complete we hear it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum

from stormdesk.detect.models import Alert
from stormdesk.detect.rules import POSTS, STEP
from stormdesk.detect.rules.criteria import Criteria
from stormdesk.detect.rules.severity import Weighs
from stormdesk.listen.models import Mention, MentionVersion, Narrative
from stormdesk.listen.queries import Completeness, completeness, counts, spreaders
from stormdesk.listen.queries.search import found as found_by_words
from stormdesk.listen.rules import SCAM, QueryKind
from stormdesk.people.models import Brand

LONGEST = timedelta(days=7)
RECENT = timedelta(hours=6)
LATE_AFTER = timedelta(minutes=15)
OWN_POSTS = timedelta(days=14)
URGENT = 2
VIDEO = (
    "youtube.com/",
    "youtu.be/",
    "tiktok.com/",
    "rutube.ru/",
    "/video",
    "/clip",
    "/reel/",
    ".mp4",
    "vimeo.com/",
)
"""Marks of a moving picture in an address."""
_UNNAMED = Q(author_handle="")
"""Where the network does not say who speaks, each post counts as another person."""


def mentions_of(alert: Alert, at: datetime | None = None) -> QuerySet[Mention]:
    """Everything others said about the brand in the storm up to `at`; at most its last week."""
    end = at or alert.last_at
    return Mention.objects.filter(
        brand=alert.brand_id,
        about=QueryKind.BRAND,
        is_own=False,
        published_at__gte=max(alert.since - STEP, end - LONGEST),
        published_at__lt=max(end, alert.since + STEP),
    ).order_by()


def telling_posts(alert: Alert, at: datetime) -> tuple[list[Mention], int | None]:
    """Five mentions that show the storm, and its narrative: the first and the widest-read of it, originals before
    copies, negative before neutral."""
    storm = mentions_of(alert, at).filter(published_at__gte=at - RECENT - STEP, deleted_at__isnull=True)
    top = storm.exclude(narrative=None).values("narrative").annotate(n=Count("pk")).order_by("-n").first()
    narrative = top["narrative"] if top and top["n"] >= 3 else None
    originals = storm.filter(copy_of="")
    picks: list[Mention] = []
    if narrative:
        picks += storm.filter(narrative=narrative).order_by("published_at")[:1]
        picks += originals.filter(narrative=narrative).order_by(
            F("author_followers").desc(nulls_last=True), "published_at"
        )[:1]
    picks += originals.order_by("-urgency", "-negative", "published_at")[:3]
    picks += originals.exclude(author_followers=None).order_by("-author_followers")[:2]
    picks += originals.order_by("-negative", "-published_at")[:POSTS]
    chosen: dict[int, Mention] = {}
    for mention in picks:
        chosen.setdefault(mention.pk, mention)
    return list(chosen.values())[:POSTS], narrative


def weighed(alert: Alert, at: datetime, criteria: Criteria) -> dict[Weighs, float]:
    """What the severity of a storm is made of, up to `at`."""
    storm = mentions_of(alert, at)
    facts = storm.aggregate(
        posts=Count("pk"),
        people=Count("author_handle", distinct=True, filter=~_UNNAMED),
        unnamed=Count("pk", filter=_UNNAMED),
        videos=Count("pk", filter=_with_video()),
    )
    reach = (
        storm.values("network", "author_handle")
        .annotate(most=Max("author_followers"))
        .aggregate(reach=Sum("most"))
    )
    danger = " OR ".join(criteria.danger_words)
    people = 0
    if danger:
        spoke = found_by_words(storm, danger).aggregate(
            people=Count("author_handle", distinct=True, filter=~_UNNAMED),
            unnamed=Count("pk", filter=_UNNAMED),
        )
        people = spoke["people"] + spoke["unnamed"]
    return {
        Weighs.REACH: reach["reach"] or 0,
        Weighs.AUTHORS: facts["people"] + facts["unnamed"],
        Weighs.DANGER: people,
        Weighs.SPEED: alert.facts.get("count", 0) / max(1.0, alert.facts.get("high") or 1.0),
        Weighs.VIDEO: facts["videos"] / facts["posts"] if facts["posts"] else 0.0,
    }


def _with_video() -> Q:
    asked = Q(network="youtube")
    for mark in VIDEO:
        asked |= Q(text__contains=mark) | Q(url__contains=mark)
    return asked


def own_replies(alert: Alert, at: datetime) -> float:
    """Share of the storm that answers posts of the brand's own accounts, as far as those were heard."""
    own = Mention.objects.filter(
        brand=alert.brand_id, is_own=True, published_at__gte=alert.since - OWN_POSTS, published_at__lt=at
    ).values("native_id")
    facts = mentions_of(alert, at).aggregate(
        posts=Count("pk"), answers=Count("pk", filter=Q(in_reply_to__in=own) | Q(thread__in=own))
    )
    return facts["answers"] / facts["posts"] if facts["posts"] else 0.0


@dataclass(frozen=True)
class Who:
    """Somebody who spreads a storm: posts in it, people reached at once, and how many others followed within an hour."""

    mention: Mention
    posts: int
    reach: int | None
    followed_by: int


@dataclass(frozen=True)
class Spread:
    """`people` different ones, `reach` of all together (whose network says it), `unheard`: never heard here before."""

    who: list[Who]
    people: int
    reach: int
    reach_known: int
    unheard: int
    first: Mention | None


def spread(alert: Alert, most: int = 5) -> Spread:
    """Who spreads it: those with the widest reach, then those whom others followed. The rest is counted, not judged."""
    storm = mentions_of(alert)
    by_author = (
        storm.exclude(_UNNAMED)
        .values("network", "author_handle")
        .annotate(posts=Count("pk"), reach=Max("author_followers"), first=Min("pk"))
    )
    widest = list(by_author.order_by(F("reach").desc(nulls_last=True), "-posts")[:most])
    after = {s.mention.pk: s for s in spreaders(alert.narrative, most=most)} if alert.narrative else {}
    by_handle = {(s.mention.network, s.mention.author_handle): s.followed_by for s in after.values()}
    posts = Mention.objects.in_bulk([row["first"] for row in widest])
    who = [
        Who(
            posts[row["first"]],
            row["posts"],
            row["reach"],
            by_handle.pop((row["network"], row["author_handle"]), 0),
        )
        for row in widest
    ]
    amplifiers = [s for s in after.values() if (s.mention.network, s.mention.author_handle) in by_handle]
    who = (who + [Who(s.mention, 1, s.mention.author_followers, s.followed_by) for s in amplifiers])[
        : most + 2
    ]
    totals = by_author.aggregate(
        people=Count("first"), reach_sum=Sum("reach"), known=Count("first", filter=Q(reach__isnull=False))
    )
    begins = max(alert.since - STEP, alert.last_at - LONGEST)
    earlier = Mention.objects.filter(
        brand=alert.brand_id, author_handle=OuterRef("author_handle"), published_at__lt=begins
    )
    unheard = by_author.filter(~Exists(earlier)).count()
    first = storm.filter(narrative=alert.narrative_id) if alert.narrative_id else storm
    return Spread(
        who,
        totals["people"] + storm.filter(_UNNAMED).count(),
        totals["reach_sum"] or 0,
        totals["known"],
        unheard,
        first.order_by("published_at", "pk").first(),
    )


@dataclass(frozen=True)
class Moved:
    """Something beside the alert's own number: now, what would be usual in this time, and six hours of it as a line."""

    name: str
    kind: str
    now: float
    usual: float | None
    line: list[float | None]
    narrative: Narrative | None = None


def moved(alert: Alert) -> list[Moved]:
    """What else moved in the storm's last six hours: networks, stories, the competitor, and what is asked and feared.

    The usual is the mean of the same hours on the seven days before, as far as they were listened to.
    """
    end = alert.last_at
    start = max(alert.since, end - RECENT)
    if end - start < timedelta(hours=1):
        start = end - timedelta(hours=1)
    days = [timedelta(days=n) for n in range(1, 8)]
    heard = [day for day in days if completeness(alert.brand, start - day, end - day).share > 0.5]
    result = _networks(alert, start, end, heard)
    result += _stories(alert, start, end)
    return result + _counters(alert, start, end, heard)


def _mentions(brand: int, start: datetime, end: datetime) -> QuerySet[Mention]:
    return Mention.objects.filter(
        brand=brand, about=QueryKind.BRAND, is_own=False, published_at__gte=start, published_at__lt=end
    ).order_by()


def _networks(alert: Alert, start: datetime, end: datetime, heard: list[timedelta]) -> list[Moved]:
    now = dict(_mentions(alert.brand_id, start, end).values_list("network").annotate(n=Count("pk")))
    before: dict[str, float] = {}
    for day in heard:
        rows = _mentions(alert.brand_id, start - day, end - day)
        for network, n in rows.values_list("network").annotate(n=Count("pk")):
            before[network] = before.get(network, 0) + n / len(heard)
    lines: dict[str, list[float | None]] = {}
    slots = int(RECENT / timedelta(minutes=15))
    said = _mentions(alert.brand_id, end - RECENT, end).values_list("network", "published_at")
    for network, at in said.iterator(chunk_size=5000):
        line = lines.setdefault(network, [0.0] * slots)
        place = min(slots - 1, int((at - (end - RECENT)) / timedelta(minutes=15)))
        line[place] = (line[place] or 0.0) + 1
    names = sorted({*now, *before}, key=lambda name: -now.get(name, 0))[:5]
    return [
        Moved(
            name, "network", now.get(name, 0), before.get(name, 0.0) if heard else None, lines.get(name, [])
        )
        for name in names
    ]


def _stories(alert: Alert, start: datetime, end: datetime) -> list[Moved]:
    told = _mentions(alert.brand_id, start, end).exclude(narrative=None).exclude(narrative=alert.narrative_id)
    top = list(told.values_list("narrative").annotate(n=Count("pk")).filter(n__gte=3).order_by("-n")[:3])
    rows = Narrative.objects.in_bulk([key for key, _n in top])
    span = end - start
    before = dict(
        _mentions(alert.brand_id, start - span, start)
        .filter(narrative__in=rows)
        .values_list("narrative")
        .annotate(n=Count("pk"))
    )
    return [
        Moved(rows[key].label, "story", n, before.get(key, 0), [], rows[key]) for key, n in top if key in rows
    ]


def _counters(alert: Alert, start: datetime, end: datetime, heard: list[timedelta]) -> list[Moved]:
    """Counts of the minutes, and of urgency and deceit, each against the days before."""
    brand: Brand = alert.brand
    now = counts(brand, start, end)
    before = [counts(brand, start - day, end - day) for day in heard]
    result = []
    for kind, name in (
        ("rivals", "rivals"),
        ("competitor", "competitor"),
        ("needs", "needs_reply"),
        ("outraged", "outraged"),
    ):
        usual = sum(row[name] for row in before) / len(before) if before else None
        result.append(Moved("", kind, now[name], usual, []))

    def told(**wanted: object) -> tuple[int, float | None]:
        here = _mentions(alert.brand_id, start, end).filter(**wanted).count()
        there = [_mentions(alert.brand_id, start - d, end - d).filter(**wanted).count() for d in heard]
        return here, sum(there) / len(there) if there else None

    for kind, wanted in (("urgent", {"urgency__gte": URGENT}), ("scam", {"scam__gte": SCAM})):
        result.append(Moved("", kind, *told(**wanted), []))
    return result


@dataclass(frozen=True)
class Whole:
    """How complete an alert's numbers are: what was heard, what came late, what was changed afterwards."""

    heard: Completeness
    posts: int
    late: int
    edited: int
    deleted: int


def whole(alert: Alert) -> Whole:
    """Gaps, late arrivals (heard a quarter of an hour and more after they were published), edits and deletions."""
    storm = mentions_of(alert)
    facts = storm.aggregate(
        posts=Count("pk"),
        late=Count("pk", filter=Q(heard_at__gt=F("published_at") + LATE_AFTER)),
        deleted=Count("pk", filter=Q(deleted_at__isnull=False)),
    )
    edited = MentionVersion.objects.filter(mention__in=storm.values("pk"), mention__edited_at__isnull=False)
    return Whole(
        completeness(alert.brand, alert.since, alert.last_at),
        facts["posts"],
        facts["late"],
        edited.values("mention").distinct().count(),
        facts["deleted"],
    )
