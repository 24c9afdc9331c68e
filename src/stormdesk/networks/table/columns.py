"""Which column is what: guessed from names, said by a person, remembered with the import."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stormdesk.networks.base import gettext_noop
from stormdesk.networks.table.source import Unreadable

FIELDS = (
    "text",
    "published_at",
    "author",
    "name",
    "id",
    "url",
    "language",
    "followers",
    "reach",
    "in_reply_to",
    "thread",
)
REQUIRED = ("text", "published_at")

_NAMES: Mapping[str, str] = {
    "text": r"(full_?)?text\d*|message|content|body|post(_text)?|comment(_text)?|review(_text)?|tweet|mention|snippet"
    r"|hit_sentence|текст.*|сообщение|комментарий|отзыв|упоминание|пост",
    "published_at": r"(published|created|posted)(_?(at|on|time|date|utc))?|date_?time|date|at|time(_\w+)?|timestamp"
    r"|(post|tweet|comment|review)_(date|time|created)|дата.*|время публикации|опубликовано",
    "author": r"(author|user)(_?(name|screen_?name|handle|login|id))?|screen_?name|handle|username|from|channel|influencer"
    r"|автор.*|пользователь|канал|ник",
    "name": r"(full|display|author_full|profile)_?name|name|имя",
    "id": r"(native_?|external_?|tweet_?|post_?|message_?|comment_?|review_?|status_?)?(id|guid|uuid)(_str)?|id .*|номер",
    "url": r"url|link|permalink|(post|tweet|comment|source)_?(url|link)|ссылка.*|адрес",
    "language": r"lang(uage)?|язык",
    "followers": r"(followers|subscribers)(_?count)?|(user|author)_followers(_count)?|подписчик\w*|число подписчиков",
    "reach": r"reach|views?(_?count)?|impressions|(potential )?reach|охват|просмотры|аудитория",
    "in_reply_to": r"in_?reply_?to(_?(status|post))?(_?id)?|reply_to|parent(_?id)?|ответ на",
    "thread": r"thread(_?id)?|conversation(_?id)?|root(_?id)?|ветка",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _NAMES.items()}
_CLOCK = re.compile(r"time|время", re.IGNORECASE)
_DAY = re.compile(r"date|дата", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → column. Two columns with a + between them are read as one (“Дата+Время”). `unused`: left over."""

    of: Mapping[str, str]
    unused: tuple[str, ...] = field(default=())


def guess(header: Sequence[str]) -> Columns:
    """What the columns of this header probably are; the best name wins, each column serves once."""
    names = [name.strip().lstrip("\ufeff") for name in header]
    chosen: dict[str, str] = {}
    day = next((n for n in names if _DAY.fullmatch(n)), None)
    clock = next((n for n in names if _CLOCK.fullmatch(n)), None)
    if day and clock:
        chosen["published_at"] = f"{day}+{clock}"
    for wanted in FIELDS:
        taken = {part for column in chosen.values() for part in column.split("+")}
        fitting = [
            n
            for n in names
            if n not in taken and _PATTERNS[wanted].fullmatch(n.replace(" ", "_") if n.isascii() else n)
        ]
        # Nested names of JSON exports: author.name, user.screen_name.
        fitting += [
            n
            for n in names
            if n not in taken and "." in n and _PATTERNS[wanted].fullmatch(n.replace(".", "_"))
        ]
        if fitting and wanted not in chosen:
            chosen[wanted] = fitting[0]
    used = {part for column in chosen.values() for part in column.split("+")}
    return Columns(chosen, tuple(n for n in names if n and n not in used))


def checked(mapping: Mapping[str, str], header: Sequence[str]) -> Mapping[str, str]:
    """The mapping, if the file has what it names and what is needed. Raises Unreadable with what to do."""
    names = [name.strip().lstrip("\ufeff") for name in header]
    shown = ", ".join(names[:30])
    for wanted, column in mapping.items():
        if wanted not in FIELDS:
            raise Unreadable(
                gettext_noop("There is no field called “%(field)s”; there are: %(fields)s."),
                field=wanted,
                fields=", ".join(FIELDS),
            )
        for part in column.split("+"):
            if part not in names and column not in names:
                raise Unreadable(
                    gettext_noop(
                        "The file has no column “%(column)s”; it has: %(columns)s. Choose one of them for “%(field)s”."
                    ),
                    column=part,
                    columns=shown,
                    field=wanted,
                )
    for wanted in REQUIRED:
        if wanted not in mapping:
            raise Unreadable(
                gettext_noop(
                    "No column of the file looks like “%(field)s”; it has: %(columns)s. Choose the column for it."
                ),
                field=wanted,
                columns=shown,
            )
    return mapping
