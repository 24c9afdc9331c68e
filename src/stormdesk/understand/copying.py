"""How much of a narrative may be coordinated copying: a range, from signs that each have an innocent explanation too.

Signs are those of the research on coordinated behaviour: several accounts posting the same text or the same link
within minutes (Pacheco et al. 2021, “Uncovering Coordinated Networks on Social Media”; Keller et al. 2020), accounts
made lately and on the same days (Cresci et al. 2017), and synchrony beyond what happens by itself (Nizzoli et al. 2021,
who measure coordination as a degree and never as a class). What is counted are posts of a narrative. The result says
nothing about any person: fans, a call to repost and a newsroom's wire look alike from here.

Limits: without dates of accounts only texts, links and times speak, so the range is wider. Copies of a news headline
count as suspected when many accounts post them in the same minute. A campaign that rewords every post is not seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stormdesk.understand.narrative.words import plain

_SHORT = timedelta(minutes=10)
"""Copies that come this close together are hardly found independently."""
_YOUNG = timedelta(days=30)
_FEWEST_ACCOUNTS = 3
_FEWEST_WORDS = 4
"""Shorter texts are the same by chance: “+1”, “thank you”."""
_SAME_DAY = 3
FEW_POSTS = 5
"""Below so many posts nothing can be said."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A post of the narrative. `author` is any stable name of the account; `made` when the account was made, if known."""

    author: str
    text: str
    at: datetime
    made: datetime | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coordination:
    """`low` to `high` is the share of posts that may be coordinated, 0 to 1: `low` counts posts with at least two
    independent signs, `high` with any. `signs` says for how many posts each sign held. Never a verdict on a person.
    """

    low: float
    high: float
    posts: int
    signs: dict[str, int]


SAME_TEXT = "the same text within minutes"
SAME_LINK = "the same link within minutes"
YOUNG_ACCOUNT = "an account made lately"
MADE_TOGETHER = "accounts made on the same day"
BURST = "one account many times within minutes"
_STRONG = frozenset({SAME_TEXT, SAME_LINK, BURST})


def coordination(posts: Sequence[Copy]) -> Coordination:
    """The share of a narrative's posts that may be coordinated copies, as a range. Pure; linear but for sorting.

    A young account alone is no sign of coordination: it counts for `high` only beside one of texts, links or bursts.
    With fewer than five posts nothing can be said: 0 to 1, unless there are none.
    """
    if not posts:
        return Coordination(0.0, 0.0, 0, {})
    signs: list[set[str]] = [set() for _ in posts]
    texts = [plain(post.text) for post in posts]
    long_enough = [i for i, text in enumerate(texts) if text.count(" ") + 1 >= _FEWEST_WORDS]
    for rows in _together(posts, ((texts[i], i) for i in long_enough)):
        _mark(signs, rows, SAME_TEXT)
    for rows in _together(posts, ((link, i) for i, post in enumerate(posts) for link in set(post.links))):
        _mark(signs, rows, SAME_LINK)
    for rows in _bursts(posts):
        _mark(signs, rows, BURST)
    made_of = {post.author: _aware(post.made) for post in posts if post.made}
    days = Counter(made.date() for made in made_of.values())
    for i, post in enumerate(posts):
        made = made_of.get(post.author)
        if made is None:
            continue
        if _aware(post.at) - made < _YOUNG:
            signs[i].add(YOUNG_ACCOUNT)
        if days[made.date()] >= _SAME_DAY and days[made.date()] > 0.05 * len(made_of):
            signs[i].add(MADE_TOGETHER)
    any_sign = sum(bool(found & _STRONG) for found in signs)
    two_signs = sum(bool(found & _STRONG) and len(found) >= 2 for found in signs)
    counted = Counter(sign for found in signs for sign in found)
    count = len(posts)
    low, high = two_signs / count, any_sign / count
    if count < FEW_POSTS:
        low, high = 0.0, 1.0
    return Coordination(round(low, 4), round(high, 4), count, dict(sorted(counted.items())))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _mark(signs: list[set[str]], rows: Iterable[int], sign: str) -> None:
    for row in rows:
        signs[row].add(sign)


def _together(posts: Sequence[Copy], keyed: Iterable[tuple[Hashable, int]]) -> list[list[int]]:
    """Posts with an equal key, by at least three accounts, each within ten minutes of the one before."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for key, row in keyed:
        groups[key].append(row)
    found = []
    for rows in groups.values():
        for run in _runs(posts, rows):
            if len({posts[i].author for i in run}) >= _FEWEST_ACCOUNTS:
                found.append(run)
    return found


def _bursts(posts: Sequence[Copy]) -> list[list[int]]:
    """Runs of one account's posts, at least three, each within ten minutes of the one before."""
    groups: dict[str, list[int]] = defaultdict(list)
    for row, post in enumerate(posts):
        groups[post.author].append(row)
    return [run for rows in groups.values() for run in _runs(posts, rows) if len(run) >= _FEWEST_ACCOUNTS]


def _runs(posts: Sequence[Copy], rows: Sequence[int]) -> list[list[int]]:
    ordered = sorted(rows, key=lambda i: (_aware(posts[i].at), i))
    runs: list[list[int]] = []
    for row in ordered:
        if runs and _aware(posts[row].at) - _aware(posts[runs[-1][-1]].at) <= _SHORT:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs
