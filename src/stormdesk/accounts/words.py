"""Countries, the standing of networks in them, and what networks allow, in words."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from stormdesk.networks.base import Limit, WritesFirst
from stormdesk.networks.legal import Standing

STANDING = {
    Standing.OPEN: ("ok", _("nothing in the way")),
    Standing.SLOWED: ("watch", _("slowed down")),
    Standing.RESTRICTED: ("attn", _("blocked")),
    Standing.FORBIDDEN: ("attn", _("banned")),
}
"""(shape, word) of each standing."""

COUNTRIES = {
    "AE": _("United Arab Emirates"),
    "AM": _("Armenia"),
    "AZ": _("Azerbaijan"),
    "BY": _("Belarus"),
    "CN": _("China"),
    "DE": _("Germany"),
    "FR": _("France"),
    "GB": _("United Kingdom"),
    "GE": _("Georgia"),
    "IN": _("India"),
    "KG": _("Kyrgyzstan"),
    "KZ": _("Kazakhstan"),
    "RU": _("Russia"),
    "TR": _("Türkiye"),
    "US": _("United States"),
    "UZ": _("Uzbekistan"),
}
"""Countries a note can be written about; one line more is all it takes."""

WRITES_FIRST = {
    WritesFirst.ANYONE: _("A private message may go to anybody who has not blocked the account."),
    WritesFirst.WHO_WROTE: _("A private message may go only to people who wrote to the account first."),
    WritesFirst.NOBODY: _("This network takes no private messages from here; answer in public."),
}


def limit_in_words(limit: Limit) -> dict[str, str]:
    """A documented rate limit for people: how many of what, in which time, and where that is written."""
    minutes, seconds = divmod(limit.seconds, 60)
    if limit.seconds % 86_400 == 0:
        days = limit.seconds // 86_400
        span = ngettext("a day", "%(n)s days", days) % {"n": days}
    elif limit.seconds % 3600 == 0:
        hours = limit.seconds // 3600
        span = ngettext("an hour", "%(n)s hours", hours) % {"n": hours}
    elif not seconds:
        span = ngettext("a minute", "%(n)s minutes", minutes) % {"n": minutes}
    else:
        span = ngettext("a second", "%(n)s seconds", limit.seconds) % {"n": limit.seconds}
    sentence = gettext("%(what)s: %(count)s in %(span)s") % {
        "what": gettext(limit.what),
        "count": limit.count,
        "span": span,
    }
    return {"sentence": sentence[:1].upper() + sentence[1:], "source": limit.source}
