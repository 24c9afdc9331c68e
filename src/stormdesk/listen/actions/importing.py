"""Taking a file of posts: in steps, each stored with how far it got; and re-enacting one with its own times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stormdesk.core.http import gettext_noop
from stormdesk.listen import rules
from stormdesk.listen.actions.ingest import Ingested, ingest
from stormdesk.listen.files import Post, Reader, Refusal
from stormdesk.listen.models import Source
from stormdesk.networks.base import Batch
from stormdesk.people.models import Brand

STEP = 500
"""Posts of one transaction, over all brands of the file."""
REFUSALS_KEPT = 100
_WINDOW = timedelta(hours=1)
_LEAST = 200


@dataclass(slots=True)
class Taken:
    """What became of a file so far. `read` counts rows: a post about two brands is read once and stored twice."""

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    refused: int = 0
    line: int = 0
    refusals: list[tuple[int, str, dict]] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Count a row that was not taken; the first hundred are kept with their sentence."""
        self.read += 1
        self.refused += 1
        if len(self.refusals) < REFUSALS_KEPT:
            self.refusals.append((refusal.line, refusal.message, dict(refusal.facts)))

    def add(self, done: Ingested) -> None:
        """Count what was stored."""
        self.stored += done.stored
        self.duplicates += done.duplicates
        self.refused += done.refused


class Brands:
    """The brand, and its source, of each post of a file."""

    def __init__(
        self,
        *,
        file: str,
        network: str,
        now: datetime,
        brand: Brand | None = None,
        find: Callable[[str], Brand] | None = None,
    ) -> None:
        """`brand`: one for all posts; else `find` gives the brand of a name in the file."""
        self.file, self.network, self.now, self.only, self.find = file[:120], network, now, brand, find
        self._sources: dict[str, Source] = {}
        self._said: dict[str, tuple[int, datetime, datetime]] = {}

    def source(self, name: str) -> Source | None:
        """The source that stands for this file at the brand called `name`; None when the file names none."""
        if self.only is None and (not name or self.find is None):
            return None
        key = self._key(name)
        if key not in self._sources:
            brand = self.only or self.find(name)  # type: ignore[misc]  # one of them is there
            self._sources[key], _new = Source.objects.get_or_create(
                brand=brand,
                network=self.network,
                kind="import",
                name=self.file,
                defaults={"added_at": self.now, "poll_every": 0, "speaks_every": 0},
            )
            self._sources[key].brand = brand
        return self._sources[key]

    def note(self, post: Post) -> None:
        """Remember how much the file says about the post's brand, and over which time."""
        key, at = self._key(post.brand), post.item.published_at
        number, first, last = self._said.get(key, (0, at, at))
        self._said[key] = (number + 1, min(first, at), max(last, at))

    def _key(self, name: str) -> str:
        return "" if self.only else name.casefold()

    def lively(self) -> list[tuple[Brand, datetime]]:
        """Brands of which enough is said for an early warning, with the end of the time the file tells of."""
        return [
            (source.brand, datetime.fromisoformat(source.cursor["until"]))
            for key, source in self._sources.items()
            if "until" in source.cursor and key in self._said
            for number, first, last in [self._said[key]]
            if rules.lively(number, last - first)
        ]

    def any_lively(self) -> bool:
        """Whether enough is said about any brand; known once every post was noted."""
        return any(rules.lively(number, last - first) for number, first, last in self._said.values())

    def quiet(self) -> list[str]:
        """Names of the other brands."""
        lively = {brand.pk for brand, _until in self.lively()}
        return sorted(s.brand.name for s in self._sources.values() if s.brand_id not in lively)

    def silent_until(self, spoke: set[str], ends: datetime) -> None:
        """The file says nothing about the other brands up to `ends`: they were heard, and silent."""
        spoke = {self._key(name) for name in spoke}
        for key, source in self._sources.items():
            if key not in spoke and "from" in source.cursor:
                source.cursor = {**source.cursor, "until": ends.isoformat()}
                Source.objects.filter(pk=source.pk).update(cursor=source.cursor)


def import_file(
    *,
    reader: Reader,
    brands: Brands,
    now: Callable[[], datetime],
    after_line: int = 0,
    progress: Callable[[Taken], bool] = lambda taken: True,
) -> Taken:
    """Store every post of the file, in its order and in bounded memory. `progress` is called after each step; it may
    say False to stop. Rows up to `after_line` are passed over."""
    taken = Taken()
    step: list[Post] = []

    def store() -> bool:
        by_brand: dict[str, list[Post]] = defaultdict(list)
        for post in step:
            by_brand[post.brand].append(post)
        for brand, posts in by_brand.items():
            source = brands.source(brand)
            if source is None:
                for post in posts:
                    taken.refused += 1
                    if len(taken.refusals) < REFUSALS_KEPT:
                        taken.refusals.append((post.line, NO_BRAND, {}))
                continue
            batch = Batch([post.item for post in posts], {"line": posts[-1].line})
            taken.add(ingest(source=source, batch=batch, now=now()))
        step.clear()
        return progress(taken)

    for found in reader:
        if found.line <= after_line:
            continue
        if isinstance(found, Refusal):
            taken.refuse(found)
        else:
            taken.read += found.line != taken.line
            brands.note(found)
            step.append(found)
        taken.line = found.line
        # A row about several brands is never cut in two: a stopped import goes on after whole lines.
        if len(step) >= STEP and not store():
            return taken
    store()
    return taken


NO_BRAND = gettext_noop(
    "The line does not say which brand it is about. Give the column of the brand, or one brand for all."
)


def replay(
    *,
    reader: Reader,
    brands: Brands,
    window: timedelta | None = None,
    pace: Callable[[datetime], None] = lambda at: None,
    closed: Callable[[list[Brand], datetime], None] = lambda brands, at: None,
) -> Taken:
    """Re-enact a file: posts are stored in the order of their times, and `now` is the end of each window of time.

    `window` None: up to an hour, shorter when much is said. `pace` is called before a window is stored and may wait;
    `closed` after it, with the brands of which enough is said to be scored. The file is held in memory, since it need not be in order.
    """
    taken = Taken()
    posts: list[Post] = []
    for found in reader:
        if isinstance(found, Refusal):
            taken.refuse(found)
            continue
        taken.read += found.line != taken.line
        taken.line = found.line
        brands.note(found)
        posts.append(found)
    posts.sort(key=lambda post: (post.item.published_at, post.line))
    longest = _WINDOW if brands.any_lively() else timedelta.max
    for ends, part in _windows(posts, window, longest):
        pace(ends)
        by_brand: dict[str, list[Post]] = defaultdict(list)
        for post in part:
            by_brand[post.brand].append(post)
        for brand, mine in by_brand.items():
            source = brands.source(brand)
            if source is None:
                for post in mine:
                    taken.read -= 1
                    taken.refuse(Refusal(post.line, NO_BRAND))
                continue
            batch = Batch([post.item for post in mine], {"line": mine[-1].line, "until": ends.isoformat()})
            taken.add(ingest(source=source, batch=batch, now=ends))
        if longest == _WINDOW:
            brands.silent_until(set(by_brand), ends)
            closed([brand for brand, _until in brands.lively()], ends)
    return taken


def _windows(
    posts: list[Post], window: timedelta | None, longest: timedelta
) -> Iterator[tuple[datetime, list[Post]]]:
    """Whole windows of five minutes (or `window`), their end and their posts; quiet ones between are passed over
    together, unless a window is given."""
    step = window or timedelta(minutes=5)
    start, part = None, list[Post]()
    for place, post in enumerate(posts):
        at = post.item.published_at
        if start is None:
            start = _floor(at, step)
        part.append(post)
        after = posts[place + 1].item.published_at if place + 1 < len(posts) else None
        ends = _floor(at, step) + step
        if after is not None and after < ends:
            continue
        full = window is not None or len(part) >= _LEAST or after is None or after - start >= longest
        if full:
            yield ends, part
            start, part = None, []


def _floor(moment: datetime, step: timedelta) -> datetime:
    seconds = int(moment.timestamp()) // int(step.total_seconds()) * int(step.total_seconds())
    return datetime.fromtimestamp(seconds, moment.tzinfo)
