"""States of a source, kinds of a query, and every decision of listening as a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from stormdesk.core.http import gettext_noop


class SourceState(StrEnum):
    OK = "ok"
    FAILING = "failing"  # the last attempts failed; the sentence says why
    SILENT = "silent"  # it answers, but has said nothing for longer than it should
    OFF = "off"  # switched off by a person


class QueryKind(StrEnum):
    BRAND = "brand"
    COMPETITOR = "competitor"
    TOPIC = "topic"


class ImportState(StrEnum):
    MAPPING = "mapping"  # uploaded; a person says which column is what
    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


NEEDS_REPLY = 0.5
"""From this probability on a mention waits for an answer."""
SCAM = 0.5
MOODS = ("negative", "neutral", "positive")
CORRECTABLE: Mapping[str, tuple[str, ...]] = {
    "mood": MOODS,
    "needs_reply": ("yes", "no"),
    "complaint": ("yes", "no"),
    "scam": ("yes", "no"),
    "urgency": ("0", "1", "2", "3"),
}
"""What a person may overrule, and the words for it."""
LEARNABLE: Mapping[str, str] = {"mood": "sentiment", "complaint": "complaint", "needs_reply": "needs_reply"}
"""What a brand's own heads learn from people's words, and what the reader calls it."""
_NEW_LABELS = 5
_REST = timedelta(hours=1)
_FEW = 100
"""More posts at once than this are a rush."""

# These ask for everything of a place; only what a query finds is kept. The others speak to us, or were brought by us.
_SEARCHING = frozenset({"search", "stream", "timeline", "feed"})


def time_to_learn(
    labels: int, learnt: int, *, last: datetime, learnt_at: datetime | None, now: datetime
) -> bool:
    """Whether to learn anew: after five new labels or a tenth more, whichever is more, or after an hour's rest with any.

    `labels` people gave in all, `last` of them; `learnt` of them are in what was learnt at `learnt_at`.
    """
    new = labels - learnt
    if new <= 0:
        return False
    return new >= max(_NEW_LABELS, learnt // 10) or (learnt_at is not None and now - last >= _REST)


def reading_path(posts: int, *, rush: bool) -> Literal["light", "full"]:
    """How closely to read what has come: fully, or lightly when they are many or more are waiting behind them."""
    return "light" if rush or posts > _FEW else "full"


POLICY = "keep"
"""The setting of a source that says what of it is kept, and is nothing to its network: all, matching."""


def keeps_everything(kind: str, settings: Mapping[str, object]) -> bool:
    """Whether a source of this kind keeps posts that no query finds; its setting `keep` overrules."""
    return settings.get(POLICY, "matching" if kind in _SEARCHING else "all") == "all"


def not_past(cursor: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether a stream at `cursor` still has before it all that a stream at `other` has; False where nobody can say.

    Cursors are the networks' own. Two can be compared when they differ in one growing number only.
    """
    if cursor == other:
        return True
    if cursor.keys() != other.keys():
        return False
    differ = [name for name in cursor if cursor[name] != other[name]]
    here, there = cursor[differ[0]], other[differ[0]]
    return len(differ) == 1 and isinstance(here, int) and isinstance(there, int) and here < there


def about(kinds: Iterable[str], *, keep: bool) -> QueryKind | None:
    """What a post is about, by the kinds of the queries that found it; None: it is not kept.

    The brand goes before a competitor, a competitor before a topic. `keep`: addressed to the brand, written by
    it, or from a source that keeps everything.
    """
    found = set(kinds)
    if QueryKind.BRAND in found:
        return QueryKind.BRAND
    for kind in (QueryKind.COMPETITOR, QueryKind.TOPIC):
        if kind in found and not keep:
            return kind
    return QueryKind.BRAND if keep else None


def mood(probabilities: Mapping[str, float]) -> str:
    """The likeliest of negative, neutral and positive; the earlier of equals."""
    return max(MOODS, key=lambda name: probabilities.get(name, 0.0))


def waits(needs_reply: float, *, about: str, is_own: bool, kind: str, deleted: bool = False) -> bool:
    """Whether a mention waits for an answer: somebody else's words to or about the brand that need one."""
    return (
        needs_reply >= NEEDS_REPLY
        and about == QueryKind.BRAND
        and not is_own
        and kind != "repost"
        and not deleted
    )


def is_edit(
    *,
    old_text: str,
    new_text: str,
    known_edited_at: datetime | None,
    edited_at: datetime | None,
    same_source: bool,
) -> bool:
    """Whether a known post that came again with other words was edited, and not merely delivered late or cut short."""
    if old_text == new_text or not new_text:
        return False
    if edited_at is not None:
        return known_edited_at is None or edited_at > known_edited_at
    return same_source and known_edited_at is None


FAILURES_TOLERATED = 3


def state_of(
    *,
    state: SourceState,
    failures: int,
    speaks_every: int,
    answered_at: datetime | None,
    heard_at: datetime | None,
    added_at: datetime,
    poll_every: int,
    now: datetime,
) -> SourceState:
    """The state of a source at `now` (G5); times in seconds, 0: never.

    Failing goes before silent. A source that nobody has asked for three turns and two minutes is failing too: what
    asks it has stopped.
    """
    if state == SourceState.OFF:
        return state
    if failures >= FAILURES_TOLERATED or (failures and state == SourceState.FAILING):
        return SourceState.FAILING
    if (
        poll_every
        and now - (answered_at or added_at) > timedelta(seconds=3 * poll_every + 120)
        and not failures
    ):
        return SourceState.FAILING
    if speaks_every and now - (heard_at or added_at) > timedelta(seconds=speaks_every):
        return SourceState.SILENT
    return SourceState.OK


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which one source could not be heard."""

    source: str
    starts_at: datetime
    ends_at: datetime
    why: str


Span = tuple[datetime, datetime]


def heard_share(
    sources: Mapping[int, datetime], gaps: Iterable[tuple[int, datetime, datetime]], start: datetime, end: datetime,
    covered: Iterable[Span] = (),
) -> float:  # fmt: skip
    """Share of [start, end) that could be heard, 0 to 1.

    `sources` maps each to the moment from which it listened, `gaps` are (source, from, to); the share is that of
    source-time. `covered` are times an imported file tells of: they were heard whatever the sources did. Overlaps
    count once. Where nobody listened and no file tells, nothing was heard: 0.
    """
    length = (end - start).total_seconds()
    if length <= 0:
        return 0.0
    files = _length([(begins, ends) for begins, ends in covered], start, end) / length
    present = {key: max(start, since) for key, since in sources.items() if since < end}
    total = sum((end - since).total_seconds() for since in present.values())
    if not total:
        return files
    by_source: dict[int, list[Span]] = {}
    for source, begins, ends in gaps:
        if source in present:
            by_source.setdefault(source, []).append((begins, ends))
    lost = sum(_length(spans, present[source], end) for source, spans in by_source.items())
    listened = (end - min(present.values())).total_seconds() / length
    return max(files, (1 - lost / total) * listened)


def _length(spans: Sequence[Span], start: datetime, end: datetime) -> float:
    """Seconds of [start, end) inside any of the spans."""
    seconds, reached = 0.0, start
    for begins, ends in sorted(spans):
        begins, ends = max(begins, reached), min(ends, end)
        if begins < ends:
            seconds += (ends - begins).total_seconds()
            reached = ends
    return seconds


def lively(posts: int, length: timedelta) -> bool:
    """Whether enough was said for an early warning by numbers to be re-enacted: fifty posts, and one in two hours.

    Months in which hardly anybody spoke would be scored in five-minute steps for nothing.
    """
    return posts >= 50 and posts * timedelta(hours=2) >= length


def next_poll(poll_every: int, *, more: bool, failures: int, after: float | None) -> float:
    """Seconds until a source is asked again: at once when it has more, later and later while it fails."""
    if failures:
        return max(after or 0.0, min(poll_every * 2.0 ** min(failures - 1, 6), 1800.0), 5.0)
    return 0.0 if more else float(poll_every)


SILENT_SENTENCE = gettext_noop(
    "%(source)s has said nothing since %(since)s and should speak every %(minutes)s min. "
    "See whether it is quiet there, or whether the source must be set up anew."
)
UNASKED_SENTENCE = gettext_noop(
    "%(source)s has not been asked since %(since)s: the listening process has stopped or is stuck. "
    "The administrator should look at it."
)
LOST_SENTENCE = gettext_noop(
    "%(source)s no longer had what was said while we were away; what other sources heard of that time is all there is."
)
