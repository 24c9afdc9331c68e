"""States of a conversation, its clock by working hours, and what a kind answer looks like. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class ConversationState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    PRIVATE = "private"  # moved to direct messages; the public half is still open
    CLOSED = "closed"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


OPEN = (ConversationState.WAITING, ConversationState.ANSWERED, ConversationState.PRIVATE)
HOLD = timedelta(minutes=10)
"""For so long nobody else can answer what a colleague is answering."""
BATCH = 500
ANSWER_WITHIN = {
    3: timedelta(minutes=15),
    2: timedelta(hours=1),
    1: timedelta(hours=4),
    0: timedelta(hours=8),
}
"""Working time by urgency."""
ROUND_THE_CLOCK = 3
"""From this urgency on the clock runs at night too: somebody may be in danger."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When people of a brand answer: minutes since midnight of the brand's zone, and days (Monday is 0)."""

    opens: int = 9 * 60
    closes: int = 18 * 60
    days: tuple[int, ...] = (0, 1, 2, 3, 4)


def due_at(urgency: int, since: datetime, zone: ZoneInfo, hours: Hours) -> datetime:
    """Until when somebody who has waited since `since` should have an answer."""
    within = ANSWER_WITHIN[min(max(urgency, 0), 3)]
    if urgency >= ROUND_THE_CLOCK or not hours.days or hours.opens >= hours.closes:
        return since + within
    return after_working_time(since, within, zone, hours)


def after_working_time(since: datetime, within: timedelta, zone: ZoneInfo, hours: Hours) -> datetime:
    """The moment at which `within` of working time has passed since `since`; in the zone of `since`.

    Opening and closing are wall-clock times, so a day on which the clocks change is as long as people work.
    """
    day = since.astimezone(zone).date()
    at, left = since, within
    while True:
        if day.weekday() in hours.days:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            opening = max(at, _wall(midnight, hours.opens).astimezone(since.tzinfo))
            closing = _wall(midnight, hours.closes).astimezone(since.tzinfo)
            if opening < closing:
                if left <= closing - opening:
                    return opening + left
                left -= closing - opening
                at = closing
        day += timedelta(days=1)


def _wall(midnight: datetime, minutes: int) -> datetime:
    days, rest = divmod(minutes, 24 * 60)
    return (midnight + timedelta(days=days)).replace(hour=rest // 60, minute=rest % 60)


# ── the same words to everybody ──

_WORD = re.compile(r"\w+")
ALIKE = 0.8
"""From this sameness on two answers read as one form letter."""
TOO_MANY_ALIKE = 2
COMPARED = 20
COMPARED_FOR = timedelta(hours=1)


def sameness(one: str, other: str) -> float:
    """How alike two answers are, 0 to 1: the share of common word pairs (Dice), names of people at the front left out."""
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def _pairs(text: str) -> set[tuple[str, str]]:
    greeting, comma, rest = text.partition(",")
    words = _WORD.findall((rest if comma and len(greeting.split()) <= 3 else text).lower())
    return set(itertools.pairwise(words)) or {(word, "") for word in words}


def alike(text: str, earlier: Iterable[str]) -> int:
    """How many of the earlier answers say this in the same words."""
    return sum(sameness(text, other) >= ALIKE for other in earlier)


# ── kindness ──

LONG = 500
"""A public answer longer than this is read by few; the rest belongs in private."""
SORRY = re.compile(
    r"\b(?:sorry|apolog\w*|regret\w*|thank\w*|understand how|(?:из|про)вин\w*|простите|прост[ия]м|прощени\w*|жаль|"
    r"сожале\w*|сочувств\w*|спасибо|благодар\w*|понимаем|понимаю)\b",
    re.I,
)
COLD = re.compile(
    r"as per (?:our|the) \w+|your (?:request|enquiry|case) (?:has been|was) (?:registered|forwarded|received)|"
    r"dear (?:customer|client|user)|for your information|you should have|"
    r"ваше обращение (?:принято|зарегистрировано|передано)|в соответствии с \w+|согласно \w+|уважаем\w+ (?:клиент|пользовател|"
    r"покупател)\w*|доводим до вашего сведения|вам следовало|вы сами",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Hint:
    """An advice about an answer: which, and where in the text (equal: the whole text)."""

    key: str
    start: int = 0
    end: int = 0
    number: int = 0


def hints(text: str, *, complains: bool, public: bool, earlier: Sequence[str]) -> list[Hint]:
    """What would make an answer shorter, kinder or less like a form letter. Only advice; the policy is what blocks."""
    if not text.strip():
        return []
    found = []
    if complains and not SORRY.search(text):
        found.append(Hint("sorry"))
    if match := COLD.search(text):
        found.append(Hint("cold", match.start(), match.end()))
    if public and len(text) > LONG:
        found.append(Hint("long", number=len(text)))
    if (number := alike(text, earlier)) >= TOO_MANY_ALIKE:
        found.append(Hint("alike", number=number))
    return found


# ── ready answers ──

_BLANK = re.compile(r"\{\{([a-z_]+)\}\}")


def first_name(name: str, handle: str) -> str:
    """How a person is addressed: the first word of the name, if it is one; otherwise the handle."""
    first = next(iter(name.split()), "")
    return first if first.isalpha() and len(first) > 1 else handle.lstrip("@").partition("@")[0]


def filled(text: str, values: dict[str, str]) -> str:
    """The text with the blanks that are known; the others stay open and the policy stops them."""
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), text)


def for_another(text: str, addressed: str) -> str:
    """An earlier answer as a macro: the name of the person it was written to becomes a blank."""
    return re.sub(rf"\b{re.escape(addressed)}\b", "{{name}}", text) if addressed else text
