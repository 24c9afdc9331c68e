"""Posts that tell one story in different words: an online clustering of what is no copy of anything.

A post is compared only with stories that share telling words with it (an inverted list of stems, weighed by how rare
they are in the stream); whether they are one is decided by the cosine of sentence vectors and the words in common
together. One pass, bounded memory, a name once given stays. Sources: Allan et al. 1998 (single-pass clustering),
Petrović et al. 2010 (first stories in constant time and space), Yang et al. 2020 (the encoder).
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stormdesk.understand.narrative.meaning import Meaning, meaning
from stormdesk.understand.narrative.words import COMMON_POSTS, STEMS, common_counts

_PER_STEM = 12
"""Stories listed under one stem; the one told last is kept."""
_PROFILE = 40
"""Stems kept of a story."""
_CANDIDATES = 5
_HALVED_AFTER = 100_000
"""Posts after which counts of stems are halved: what is common changes."""
_TELLING = 7
"""The rarest stems of a post: by them stories are looked up."""
_ALIKE_ENOUGH = 0.25
"""Words in common (cosine of weighed stems) below which meaning is not even asked."""
_ALIKE_KNOWN = 0.12
_RARE_WORDS = 1.7
"""How many of the rarest words, or more of less rare ones, a post must share with a story of one or two posts."""
_RARE_WORD = 0.6
_WORDS_COUNT = 0.5
"""How much words in common count beside meaning."""
_FEWEST_STEMS = 3
"""A post with fewer words of substance tells no story: “good morning” is not news because many say it."""
_WORDS_ALONE = 0.75
_COINCIDENCE = 3
"""So many posts may be alike by chance; the next one makes them a story. Merging wrongly is worse than splitting."""
_LOOSER = 0.15
"""How much less alike than its posts on average a new one may be."""
_KNOWN = 3
"""Posts from which a story is known well enough that one telling word in common is worth a question."""
_TEXT = 400
_HEAVY = 50
"""Posts after which a story's mean moves no more slowly: it may drift as the story goes on."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post to be placed: `stems` are those of its subject, `text` what the encoder reads."""

    name: str
    text: str
    stems: Sequence[int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many texts may be encoded: so many at once, and then a share of the posts that come.

    Encoding costs ten times as much as everything else; what it is not allowed for is judged by words alone.
    """

    at_once: float = 2_000
    share: float = 1.0


@dataclass(slots=True)
class Story:
    """What is known of a story. `vector` is the sum of its posts' (None until somebody asks for it)."""

    name: str
    text: str
    stems: Counter[int]
    last: float
    posts: float = 1.0
    vector: np.ndarray | None = None
    told: bool = False
    """Whether it is known to be a story; until then its posts keep their own names."""
    held: float = 0.0
    """Mean cosine at which posts joined: a story told in similar words admits only similar ones."""


class Topics:
    """Stories told within a window of seconds, at most `most`; the one told longest ago is forgotten first."""

    def __init__(self, most: int, window: float, allowance: Allowance) -> None:
        self.most = most
        self.window = window
        self.allowance = allowance
        self._allowed = allowance.at_once
        self._seen = COMMON_POSTS
        self._counts = common_counts()
        self._by_stem: dict[int, dict[str, None]] = {}
        self._stories: dict[str, Story] = {}

    def __len__(self) -> int:
        return len(self._stories)

    def told_again(self, name: str, seconds: float) -> None:
        """A copy of one of its posts was seen: the story is alive."""
        if story := self._stories.pop(name, None):
            story.last = max(story.last, seconds)
            self._stories[name] = story

    def place(self, posts: Sequence[Post]) -> list[str]:
        """The story of each post in order: the name of an older one, or the post's own."""
        sense = meaning()
        promising = self._promising(posts)
        vectors = self._vectors([posts[number] for number in promising], sense)
        placed = []
        for number, post in enumerate(posts):
            self._count(post)
            found = None
            if number in promising:
                found = self._best(vectors.get(post.name), self._near(post), sense)
            if found is None:
                self._begin(post, vectors.get(post.name))
                placed.append(post.name)
            else:
                story = found[0]
                self._join(*found, post, vectors.get(post.name))
                story.told = story.told or story.posts > _COINCIDENCE
                placed.append(story.name if story.told else post.name)
        return placed

    def _promising(self, posts: Sequence[Post]) -> set[int]:
        """Which posts have telling words in common with a story, or with another of these posts."""
        found: set[int] = set()
        rarest = self._rarest()
        here: dict[int, list[int]] = {}
        for number, post in enumerate(posts):
            if len(post.stems) < _FEWEST_STEMS:
                continue
            weights = {stem: self._weight(stem) for stem in post.stems}
            telling = self._telling(weights)
            if self._likely(weights, telling):
                found.add(number)
            shared: dict[int, float] = {}
            for stem in telling:
                listed = here.setdefault(stem, [])
                for other in listed[-_PER_STEM:]:
                    shared[other] = shared.get(other, 0.0) + weights[stem]
                listed.append(number)
            for other, weight in shared.items():
                if weight >= _RARE_WORDS * rarest:
                    found |= {number, other}
        return found

    def _vectors(self, posts: Sequence[Post], sense: Meaning) -> dict[str, np.ndarray]:
        """Vectors of posts, and of the stories they may belong to, while the allowance lasts: many at once are cheaper."""
        self._allowed = min(self._allowed + self.allowance.share * max(1, len(posts)), self.allowance.at_once)
        asked: dict[str, str] = {}
        bare: dict[str, Story] = {}
        for post in posts:
            new = {story.name: story for story, _ in self._near(post) if story.vector is None}
            if len(asked) + len(bare.keys() | new.keys()) >= self._allowed:
                break
            asked[post.name] = post.text
            bare |= new
        if not asked:
            return {}
        self._allowed -= len(asked) + len(bare)
        found = sense.vectors([*asked.values(), *(story.text for story in bare.values())])
        for story, vector in zip(bare.values(), found[len(asked) :], strict=True):
            story.vector = vector
        return dict(zip(asked, found, strict=False))

    def _rarest(self) -> float:
        """The weight of a stem that occurred once before."""
        return math.log((self._seen + 20) / 2)

    def _telling(self, weights: dict[int, float]) -> list[int]:
        """The rarest stems, by which stories are looked up."""
        return sorted(weights, key=lambda stem: (-weights[stem], stem))[:_TELLING]

    def _likely(self, weights: dict[int, float], telling: Sequence[int]) -> list[str]:
        """Names of stories with enough telling words in common, those with most first."""
        rare: dict[str, float] = {}
        for stem in telling:
            for name in self._by_stem.get(stem, ()):
                rare[name] = rare.get(name, 0.0) + weights[stem]
        rarest = self._rarest()
        likely = [
            (-shared, name)
            for name, shared in rare.items()
            if shared >= _RARE_WORD * rarest
            and (shared >= _RARE_WORDS * rarest or self._stories[name].posts >= _KNOWN)
        ]
        return [name for _, name in sorted(likely)[:_CANDIDATES]]

    def _near(self, post: Post) -> list[tuple[Story, float]]:
        """Stories with telling words in common, at most a few, with the cosine of their weighed stems."""
        if len(post.stems) < _FEWEST_STEMS:
            return []
        weights = {stem: self._weight(stem) for stem in post.stems}
        own = math.sqrt(sum(w * w for w in weights.values()))
        found = []
        for name in self._likely(weights, self._telling(weights)):
            story = self._stories[name]
            if abs(post.seconds - story.last) <= self.window:
                cosine = self._in_common(weights, own, story)
                if cosine >= (_ALIKE_KNOWN if story.posts >= _KNOWN else _ALIKE_ENOUGH):
                    found.append((story, cosine))
        return found

    def _weight(self, stem: int) -> float:
        return math.log((self._seen + 20) / (self._counts[stem] + 1.0))

    def _in_common(self, weights: dict[int, float], own: float, story: Story) -> float:
        total = common = 0.0
        for stem, count in story.stems.items():
            told = min(1.0, 2.0 * count / story.posts)
            weight = told * (weights.get(stem) or self._weight(stem))
            total += weight * weight
            if stem in weights:
                common += weight * weights[stem]
        return common / (own * math.sqrt(total)) if common else 0.0

    def _best(
        self, vector: np.ndarray | None, near: list[tuple[Story, float]], sense: Meaning
    ) -> tuple[Story, float] | None:
        """The story nearest in meaning and words, with the cosine of meaning, if it is near enough.

        Without a vector the words alone decide, and have to say much more.
        """
        best, most = None, 0.0
        for story, words in near:
            if vector is None or story.vector is None:
                if words >= _WORDS_ALONE and words - _WORDS_ALONE >= most:
                    best, most = (story, story.held), words - _WORDS_ALONE
                continue
            cosine = float(vector @ story.vector) / max(float(np.linalg.norm(story.vector)), 1e-9)
            alike = round(cosine + _WORDS_COUNT * words, 4)
            known = story.posts >= _KNOWN
            least = sense.told if known else sense.alone
            floor = max(sense.least, story.held - _LOOSER) if known else sense.least
            if cosine >= floor and alike >= least and alike - least >= most:
                best, most = (story, cosine), alike - least
        return best

    def _count(self, post: Post) -> None:
        self._seen += 1
        for stem in post.stems:
            self._counts[stem] += 1
        if self._seen >= _HALVED_AFTER:
            self._seen //= 2
            self._counts = array("I", (count // 2 for count in self._counts))

    def _begin(self, post: Post, vector: np.ndarray | None) -> None:
        if len(post.stems) < _FEWEST_STEMS:
            return
        while len(self._stories) >= self.most:
            self._forget(next(iter(self._stories)))
        self._stories[post.name] = Story(
            post.name, post.text[:_TEXT], Counter(post.stems), post.seconds, vector=vector
        )
        for stem in post.stems:
            self._list(stem, post.name)

    def _join(self, story: Story, cosine: float, post: Post, vector: np.ndarray | None) -> None:
        del self._stories[story.name]
        self._stories[story.name] = story
        story.last = max(story.last, post.seconds)
        story.stems.update(post.stems)
        if vector is not None:
            story.vector = vector if story.vector is None else story.vector + vector
        story.held += (cosine - story.held) / story.posts
        story.posts += 1
        if story.posts > _HEAVY:
            story.posts /= 2
            story.vector = None if story.vector is None else story.vector / 2
            story.stems = Counter({stem: count / 2 for stem, count in story.stems.items()})  # type: ignore[misc]
        if len(story.stems) > 2 * _PROFILE:
            kept = sorted(story.stems.items(), key=lambda item: (-item[1], item[0]))
            for stem, _ in kept[_PROFILE:]:
                self._unlist(stem, story.name)
            story.stems = Counter(dict(kept[:_PROFILE]))
        for stem in post.stems:
            if stem in story.stems:
                self._list(stem, story.name)

    def _list(self, stem: int, name: str) -> None:
        listed = self._by_stem.setdefault(stem, {})
        listed.pop(name, None)
        listed[name] = None
        if len(listed) > _PER_STEM:
            del listed[next(iter(listed))]

    def _unlist(self, stem: int, name: str) -> None:
        listed = self._by_stem.get(stem)
        if listed is not None:
            listed.pop(name, None)
            if not listed:
                del self._by_stem[stem]

    def _forget(self, name: str) -> None:
        for stem in self._stories.pop(name).stems:
            self._unlist(stem, name)

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Everything known, as JSON values and arrays, for `restore`."""
        stories = list(self._stories.values())
        counts = np.array(self._counts, dtype=np.uint32)
        used = np.flatnonzero(counts).astype(np.uint32)
        known = [story.vector is not None for story in stories]
        vectors = [story.vector for story in stories if story.vector is not None]
        values = {
            "seen": self._seen,
            "allowed": self._allowed,
            "stories": [
                [s.name, s.text, list(s.stems.items()), s.last, s.posts, s.told, s.held, has]
                for s, has in zip(stories, known, strict=True)
            ],
            "listed": [[stem, list(names)] for stem, names in self._by_stem.items()],
        }
        width = len(vectors[0]) if vectors else 1
        return values, {
            "story_vectors": np.array(vectors, dtype=np.float32).reshape(len(vectors), width),
            "used_stems": used,
            "stem_counts": counts[used],
        }

    def restore(self, values: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Fill empty topics with what `state` gave."""
        self._counts = array("I", bytes(4 * STEMS))
        self._seen, self._allowed = int(values["seen"]), float(values["allowed"])
        for stem, count in zip(arrays["used_stems"].tolist(), arrays["stem_counts"].tolist(), strict=True):
            self._counts[stem] = count
        vectors = iter(arrays["story_vectors"])
        for name, text, stems, last, posts, told, held, has in values["stories"]:
            self._stories[name] = Story(
                name,
                text,
                Counter(dict(map(tuple, stems))),
                last,
                posts,
                next(vectors) if has else None,
                told,
                held,
            )
        self._by_stem = {stem: dict.fromkeys(names) for stem, names in values["listed"]}
