"""The invented people of a drill: who posts, under which handle, read by how many."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya".replace("-", "").split(
            " "
        ),
        strict=True,
    )
)
_OUTLET = re.compile(r"«([^»]+)»|“([^”]+)”")


@dataclass(frozen=True, slots=True)
class Person:
    """An author as the network shows one."""

    handle: str
    name: str
    followers: int


class Crowd:
    """People made from the lists of `people.toml`; one random source, so the same crowd every time."""

    def __init__(self, lists: dict[str, Any], source: random.Random) -> None:
        self._lists = lists
        self._random = source
        self._taken: set[str] = set()
        self._people: dict[str, list[Person]] = {"f": [], "m": []}
        self.endings: list[str] = lists["endings"]
        self.calm_endings: list[str] = lists["calm_endings"]
        self.passing_on: list[str] = lists["passing_on"]

    def someone(self, gender: str = "") -> Person:
        """An author of that gender; one in four has been heard before, as in any town."""
        gender = gender or self._random.choice("fm")
        known = self._people[gender]
        if known and self._random.random() < 0.25:
            return self._random.choice(known)
        person = self._new(gender)
        known.append(person)
        return person

    def newcomer(self, kind: str) -> Person:
        """An account made for the occasion: a name with digits and hardly a reader."""
        person = self._new(self._random.choice("fm"))
        digits = self._random.randrange(1000, 99999)
        return Person(
            f"{person.handle.rstrip('0123456789')}{digits}", person.name, self._random.randrange(0, 12)
        )

    def outlet(self, text: str) -> Person:
        """A newsroom, named by the first quoted title in its request."""
        quoted = _OUTLET.search(text)
        name = next(part for part in quoted.groups() if part) if quoted else "Press"
        return Person(self._free(_handle(name)), name, self._random.randrange(4000, 60000))

    def _new(self, gender: str) -> Person:
        first = self._random.choice(self._lists["women" if gender == "f" else "men"])
        surname = self._random.choice(self._lists["surnames"])
        if gender == "f":
            surname = re.sub(r"(ов|ев|ёв|ин)$", r"\1а", surname)
        style = self._random.random()
        if style < 0.45:
            name = f"{first} {surname}"
        elif style < 0.72:
            name = f"{first} {surname[0]}."
        else:
            name = self._random.choice(self._lists["nicknames"])
        followers = min(int(self._random.lognormvariate(4.8, 1.2)), 9000)
        return Person(self._free(_handle(name)), name, followers)

    def _free(self, handle: str) -> str:
        """The handle, with a number where it is taken already."""
        free, number = handle, 2
        while free in self._taken:
            free, number = f"{handle}{self._random.randrange(10, 99)}{number}", number + 1
        self._taken.add(free)
        return free


def _handle(name: str) -> str:
    latin = "".join(_LATIN.get(letter, letter) for letter in name.lower())
    return re.sub(r"[^a-z0-9]+", "_", latin).strip("_") or "someone"
