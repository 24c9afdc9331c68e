"""When every post of a drill comes, and from whom: one quiet day, a storm that doubles, peaks and fades.

The volume follows the numbers in `truth.toml`. Every hand-written post appears once as it is written; the rest are
copies of posts already out: passed on whole or cut short, or said again with another ending.
"""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from stormdesk.learn.drills.pace import quiet_talk, storm_talk
from stormdesk.learn.drills.people import Crowd, Person
from stormdesk.learn.drills.posts import WrittenPost, posts
from stormdesk.learn.drills.story import read, story

DEFAULT_SEED = 1107

# Minutes from the first post at which each phase begins; its own posts stay inside it.
_PHASE_STARTS = (("first", 0), ("growth", 40), ("peak", 100), ("after_statement", 150), ("decline", 360))
# How willingly people repeat a kind of post; what is personal or a journalist's request is never copied.
_REPEATED = {"complaint": 1.0, "question": 0.6, "joke": 1.6, "rumour": 2.2, "defender": 0.5, "thanks": 0.8,
             "neutral": 0.8, "competitor": 0.4, "scam": 0.5}  # fmt: skip
# The share of a kind that hangs below another post even where its words do not say so.
_REPLIES = {"defender": 0.6, "joke": 0.3, "question": 0.15, "complaint": 0.15}
_ANSWERS = {"defender": ("rumour", "complaint"), "rumour": ("rumour",)}
# Phases whose posts were written as answers to what the team has said.
_ANSWERING = ("after_statement", "decline")
_CLOCK = re.compile(r"\{([+-]\d+)\}")


@dataclass(frozen=True, slots=True)
class DrillPost:
    """One post as the practice network delivers it; offsets are seconds from the beginning of the drill."""

    offset_seconds: int
    author_handle: str
    author_name: str
    followers: int
    text: str
    kind: str
    phase: str
    needs_reply: bool
    copy_of: str | None
    native_id: str
    in_reply_to: str | None
    health: bool = False
    deadline_seconds: int | None = None
    assumes_statement: bool = False  # makes no sense while the team has said nothing
    key: str = ""  # the name of a post the truth or the conductor speaks of: "first_post", "scam"


def schedule(
    language: str, *, seed: int = DEFAULT_SEED, name: str = "faulty_batch", clock: str = ""
) -> list[DrillPost]:
    """All posts of a drill, strictly in the order of their offsets.

    `clock` ("09:10") is the wall clock at the first post of the storm, for the times named in the texts; by default
    the story's own. The same arguments give the same list. Raises `BadInput` for an unknown drill or language.
    """
    return _Director(language, seed, name, clock).run()


@dataclass(slots=True)
class _Slot:
    """A place in time, filled by a written post or, while that is None, by a copy."""

    offset: int
    phase: str
    written: WrittenPost | None = None
    scripted: dict[str, Any] | None = None


class _Director:
    def __init__(self, language: str, seed: int, name: str, clock: str) -> None:
        self._random = random.Random(f"{name}/{language}/{seed}")
        self._numbers = read(name, "truth.toml")
        self._script = read(name, f"{language}/story.toml")
        self._brand = story(language, name).brand
        self._written = posts(language, name)
        self._crowd = Crowd(read(name, f"{language}/people.toml"), self._random)
        self._prefix = f"{name}-{language}"
        self._start = self._numbers["background_hours"] * 3600
        self._clock = datetime.strptime(clock or self._numbers["local_start"], "%H:%M")  # noqa: DTZ007 (a time of day)
        self._out: list[DrillPost] = []
        self._genders: dict[str, str] = {}  # whom the words of a post fit, by native_id

    def run(self) -> list[DrillPost]:
        slots = [*self._storm_slots(), *self._background_slots(), *self._scripted_slots()]
        slots.sort(key=lambda slot: slot.offset)
        last = -1
        for slot in slots:
            last = max(slot.offset, last + 1)  # two posts never share a second, so that the order is strict
            self._out.append(self._post(replace(slot, offset=last)))
        return self._out

    # --- when ---------------------------------------------------------------------------------------------------

    def _background_slots(self) -> Iterator[_Slot]:
        yield from self._dealt("background", quiet_talk(self._numbers, self._clock.hour, self._random))

    def _storm_slots(self) -> Iterator[_Slot]:
        begins = [(phase, minutes * 60) for phase, minutes in _PHASE_STARTS]
        offsets = storm_talk(self._numbers, self._random)
        for index, (phase, begin) in enumerate(begins):
            end = begins[index + 1][1] if index + 1 < len(begins) else math.inf
            yield from self._dealt(phase, [self._start + at for at in offsets if begin <= at < end])

    def _dealt(self, phase: str, offsets: list[int]) -> Iterator[_Slot]:
        """Slots for the offsets, each written post of the phase in one of them, never before its narrative began."""
        slots = [_Slot(offset, phase) for offset in offsets]
        written = [post for post in self._written if post.phase == phase]
        self._random.shuffle(written)
        written.sort(key=lambda post: (-self._earliest(post), post.kind in _REPEATED))  # the choosiest first
        for post in written[:-1]:
            begin = bisect_left(offsets, self._earliest(post))
            self._random.choice([slot for slot in slots[begin:] if slot.written is None]).written = post
        # The least choosy opens the phase, so that there is always something to copy.
        next(slot for slot in slots if slot.written is None).written = written[-1]
        yield from slots

    def _earliest(self, post: WrittenPost) -> int:
        if post.phase == "background":
            return 0
        begins = {n["kinds"][0]: n["from_minutes"] for n in self._numbers["narrative"]}
        return int(self._start + begins.get(post.kind, 0) * 60 + 60)

    def _scripted_slots(self) -> Iterator[_Slot]:
        for line in self._script["key"]:
            yield _Slot(self._start + line["at_minutes"] * 60, line["phase"], scripted=line)
        for line in self._script["chorus"]:
            step = line["over_minutes"] * 60 / line["count"]
            for voice in range(line["count"]):
                at = self._start + line["at_minutes"] * 60 + int((voice + self._random.random() * 0.8) * step)
                yield _Slot(at, line["phase"], scripted={**line, "voice": voice})

    # --- what ---------------------------------------------------------------------------------------------------

    def _post(self, slot: _Slot) -> DrillPost:
        if slot.scripted:
            return self._scripted(slot, slot.scripted)
        if slot.written:
            return self._original(slot, slot.written)
        return self._copy(slot)

    def _scripted(self, slot: _Slot, line: dict[str, Any]) -> DrillPost:
        if "voice" in line:
            person = self._crowd.newcomer(line["kind"])
            first = next((post.native_id for post in self._out if post.key == line["key"]), None)
        else:
            person, first = Person(line["handle"], line["name"], line["followers"]), None
        return self._made(
            slot,
            person,
            line["text"],
            line["kind"],
            line.get("needs_reply", False),
            copy_of=first,
            key=line["key"],
        )

    def _original(self, slot: _Slot, written: WrittenPost) -> DrillPost:
        person = self._crowd.someone(written.author_gender)
        if written.kind == "scam" and not written.needs_reply:
            person = self._crowd.newcomer("scam")
        elif written.kind == "journalist":
            person = self._crowd.outlet(written.text)
        return self._made(
            slot,
            person,
            written.text,
            written.kind,
            written.needs_reply,
            answers=self._answered(slot, written),
            health=written.health,
            assumes_statement=written.phase in _ANSWERING,
        )

    def _answered(self, slot: _Slot, written: WrittenPost) -> str | None:
        """The post a reply hangs on: lately out, of a kind people answer so, the well-read ones more often."""
        if not written.is_reply and (
            slot.phase == "background" or self._random.random() > _REPLIES.get(written.kind, 0)
        ):
            return None
        kinds = _ANSWERS.get(written.kind, ("complaint", "neutral", "question"))
        recent = [p for p in self._out[-150:] if p.phase != "background" and p.kind in kinds]
        if not recent:
            return None
        weights = [1 + math.log1p(post.followers) for post in recent]
        return self._random.choices(recent, weights)[0].native_id

    def _copy(self, slot: _Slot) -> DrillPost:
        calm = slot.phase == "background"
        source = self._worth_repeating(calm)
        again = calm or (not source.key and self._random.random() < 0.45)
        person = self._crowd.someone(self._genders.get(source.native_id, "") if again else "")
        text = self._said_again(source.text, calm) if again else self._passed_on(source)
        return self._made(
            slot,
            person,
            text,
            source.kind,
            source.needs_reply and again,
            copy_of=source.copy_of or source.native_id,
            answers=source.native_id if again and not calm and self._random.random() < 0.4 else None,
            health=source.health and again,
            assumes_statement=source.assumes_statement,
        )

    def _worth_repeating(self, calm: bool) -> DrillPost:
        """A post already out, liked by its kind, its readers and its freshness; originals before copies."""
        if calm:
            pool = [p for p in self._out if p.phase == "background" and p.copy_of is None and p.kind in _CALM]
            return self._random.choice(pool[:-3] or pool or self._out)
        pool = [p for p in self._out if p.phase != "background" and p.copy_of is None and p.kind in _REPEATED]
        weights = [
            _REPEATED[post.kind]
            * (1 + math.log1p(post.followers))
            * (3 if rank < 120 else 1)
            * (9 if post.key else 1)
            for rank, post in enumerate(reversed(pool))
        ]
        return self._random.choices(pool[::-1], weights)[0]

    def _said_again(self, text: str, calm: bool) -> str:
        body = text.removeprefix(f"{self._brand.handles[0]} ").rstrip(".!")
        change = self._random.randrange(3)
        if change == 0:
            body = body[0].lower() + body[1:]
        elif change == 1:
            body = body.replace(", ", " ", 1)
        return body + self._random.choice(self._crowd.calm_endings if calm else self._crowd.endings)

    def _passed_on(self, source: DrillPost) -> str:
        opening = self._random.choice(self._crowd.passing_on).format(handle=source.author_handle)
        text = source.text.removeprefix(f"{self._brand.handles[0]} ")
        if len(text) > 70 and self._random.random() < 0.35:
            text = text[: self._random.randint(45, 65)].rsplit(" ", 1)[0].rstrip(",.:;") + "…"
        return opening + text

    def _made(
        self,
        slot: _Slot,
        person: Person,
        text: str,
        kind: str,
        needs_reply: bool,
        *,
        copy_of: str | None = None,
        answers: str | None = None,
        health: bool = False,
        assumes_statement: bool = False,
        key: str = "",
    ) -> DrillPost:
        minutes = [int(found) for found in _CLOCK.findall(text)]
        text = _CLOCK.sub(lambda found: self._wall(slot.offset, int(found[1])), text)
        if not re.search(self._brand.named_by, text, re.IGNORECASE):
            text = f"{self._brand.handles[0]} {text}"
        native_id = f"{self._prefix}-{len(self._out) + 1:05d}"
        said = slot.written.author_gender if slot.written else (slot.scripted or {}).get("author_gender", "")
        self._genders[native_id] = said
        return DrillPost(
            offset_seconds=slot.offset,
            author_handle=person.handle,
            author_name=person.name,
            followers=person.followers,
            text=text,
            kind=kind,
            phase=slot.phase,
            needs_reply=needs_reply,
            copy_of=copy_of,
            native_id=native_id,
            in_reply_to=answers,
            health=health,
            assumes_statement=assumes_statement,
            deadline_seconds=slot.offset + max(minutes) * 60 if kind == "journalist" and minutes else None,
            key=key,
        )

    def _wall(self, offset: int, minutes: int) -> str:
        moment = self._clock + timedelta(seconds=offset - self._start, minutes=minutes)
        return f"{moment:%H:%M}"


_CALM = ("praise", "neutral", "question", "complaint", "joke", "competitor")
