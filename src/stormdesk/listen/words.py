"""What listening is called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stormdesk.understand import copying

if TYPE_CHECKING:
    from stormdesk.listen.models import Source

MOOD = {"negative": _("negative"), "neutral": _("neutral"), "positive": _("positive")}
ABOUT = {
    "brand": _("The brand"),
    "competitor": _("Competitors"),
    "topic": _("Industry topics"),
    "all": _("Everything heard"),
}
QUERY_KIND = {"brand": _("The brand"), "competitor": _("Competitor"), "topic": _("Industry topic")}
SINCE = {"1h": _("Last hour"), "24h": _("Last 24 hours"), "7d": _("Last 7 days"), "30d": _("Last 30 days")}
KIND = {
    "post": _("post"),
    "comment": _("comment"),
    "direct": _("direct message"),
    "repost": _("repost"),
}
FIELD = {
    "mood": _("Mood"),
    "needs_reply": _("Needs an answer"),
    "complaint": _("Complaint"),
    "scam": _("Scam"),
    "urgency": _("Urgency"),
}
PATH = {"full": _("fully"), "light": _("lightly")}
COPYING = {
    copying.SAME_TEXT: _("the same text within minutes"),
    copying.SAME_LINK: _("the same link within minutes"),
    copying.YOUNG_ACCOUNT: _("an account made lately"),
    copying.MADE_TOGETHER: _("accounts made on the same day"),
    copying.BURST: _("one account many times within minutes"),
}
YES_NO = {"yes": _("yes"), "no": _("no")}
URGENCY = {"0": _("none"), "1": _("can wait"), "2": _("today"), "3": _("now")}
LANGUAGE = {
    "en": _("English"),
    "ru": _("Russian"),
    "uk": _("Ukrainian"),
    "be": _("Belarusian"),
    "kk": _("Kazakh"),
    "de": _("German"),
    "fr": _("French"),
    "es": _("Spanish"),
    "it": _("Italian"),
    "pt": _("Portuguese"),
    "tr": _("Turkish"),
    "ar": _("Arabic"),
    "hi": _("Hindi"),
    "unknown": _("not recognised"),
}
PERSONAL = {
    "phone": _("telephone number"),
    "email": _("e-mail address"),
    "card": _("card number"),
    "passport": _("passport"),
    "address": _("address"),
    "iban": _("bank account"),
    "account": _("bank account"),
    "order": _("order number"),
    "birth_date": _("date of birth"),
}
SOURCE_STATE = {
    "ok": ("ok", _("heard")),
    "failing": ("attn", _("not heard")),
    "silent": ("quiet", _("silent")),
    "off": ("paused", _("switched off")),
}
NOT_YET = ("watch", _("has not answered yet"))
NOTHING_CAME = ("watch", _("nothing has come yet"))
FALTERS = ("watch", _("falters"))
IMPORT_STATE = {
    "mapping": ("watch", _("waits for the columns")),
    "waiting": ("watch", _("waits for its turn")),
    "reading": ("doing", _("being read")),
    "done": ("ok", _("imported")),
    "failed": ("attn", _("stopped")),
}
OPERATORS = {"AND": _("AND"), "OR": _("OR"), "NOT": _("NOT")}


def source_state(source: Source) -> tuple[str, object]:
    """Shape and word of a source's health. One that failed and is tried again is not shown as heard."""
    if source.state != "ok":
        return SOURCE_STATE[source.state]
    if source.answered_at is None:
        return NOT_YET if source.poll_every else NOTHING_CAME
    return FALTERS if source.failures else SOURCE_STATE["ok"]


def trouble_sentence(trouble: Mapping[str, Any], otherwise: str) -> str:
    """What was wrong with a source, in the active language; `otherwise` where only that was kept."""
    message = trouble.get("message")
    if not message:
        return otherwise
    try:
        return gettext(message) % trouble.get("facts", {})
    except (KeyError, ValueError, TypeError):
        return otherwise


def value_word(field: str, value: str) -> object:
    """The word for a value of a correctable field."""
    return {"mood": MOOD, "urgency": URGENCY}.get(field, YES_NO).get(value, value)


COLUMN = {
    "text": _("Text"),
    "published_at": _("Time"),
    "author": _("Author"),
    "name": _("Author’s name"),
    "id": _("Id in the network"),
    "url": _("Address"),
    "language": _("Language"),
    "followers": _("Followers"),
    "reach": _("Reach"),
    "in_reply_to": _("Answer to"),
    "thread": _("Thread"),
}
