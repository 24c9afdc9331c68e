"""Listings: newest first, a hundred at a time, a thousand in all (www.reddit.com/dev/api#listings)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stormdesk.networks import calls
from stormdesk.networks.base import Permanent, Secret, Settings, gettext_noop
from stormdesk.networks.reddit import api, words

PAGE, PAGES = 100, 10
_NAME = re.compile(r"(?:u_)?[A-Za-z0-9_-]{2,40}")


def community(settings: Settings, name: str, *, needed: bool = True) -> str:
    """The community in the setting `name`, without r/. Raises Permanent if there is none or it is no name."""
    given = str(settings.get(name) or "").strip().strip("/").removeprefix("r/")
    if given.startswith("u/"):
        given = f"u_{given[2:]}"
    names = [one for one in given.split("+") if one]
    if (needed and not names) or not all(_NAME.fullmatch(one) for one in names):
        raise Permanent(
            gettext_noop("“%(name)s” is not the name of a community on Reddit; write it as in r/name."),
            code="no_community",
            name=given or "–",
        )
    return "+".join(names)


async def pages(
    settings: Settings, secret: Secret, path: str, query: Mapping[str, Any], since: float, most: int = PAGES
) -> tuple[list[words.Thing], bool]:
    """Things of a listing, newest first, down to the moment `since`, and whether that were really all."""
    found: dict[str, words.Thing] = {}
    after: str | None = None
    for number in range(most):
        turn = {"after": after, "count": number * PAGE} if after else {}
        listing = await api.ask(settings, secret, path, {**query, **turn, "limit": PAGE})
        values = words.children(listing)
        if values is None:
            raise calls.unreadable(api.SERVER)
        fresh = [t for value in values if (t := words.thing(value)) and t.name not in found]
        found |= {t.name: t for t in fresh if t.created_utc >= since}
        after = words.following(listing)
        if not fresh or all(t.created_utc < since for t in fresh):
            return list(found.values()), True
        if after is None:
            # A list that ends where all lists end may have had more.
            return list(found.values()), number + 1 < PAGES or any(t.created_utc < since for t in fresh)
    return list(found.values()), False
