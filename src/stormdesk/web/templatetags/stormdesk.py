"""The tags every page is written with: `{% load stormdesk %}`.

Pictures: icon, state, avatar, net.  Numbers: number, percent, cover, prob.  Times: clock, day, duration, ago, countdown.
Strangers' words: safe_text.  Addresses: url_if.  Live parts of a page: live.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.core.clock import utcnow

register = template.Library()
NBSP = "\u00a0"
DASH = "—"

# ── pictures ──


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A symbol of icons/sprite.svg, hidden from screen readers. `size`: "" (16 px), "s" (13 px), or a class of its own."""
    kind = {"": "i", "s": "i i-s"}.get(size, f"i {size}")
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        kind,
        static("web/icons/sprite.svg"),
        name,
    )


STATES = ("ok", "watch", "attn", "crisis", "quiet", "paused", "todo", "doing", "done")
_STATE_NAMES = {"attention": "attn", "silent": "quiet", "blind": "quiet"}


@register.simple_tag
def state(kind: str, label: Any, size: str = "") -> SafeString:
    """A state told by shape, word and colour. `kind`: ok, watch, attn, crisis, quiet, paused. `size`: "" or "small"."""
    kind = _STATE_NAMES.get(kind, kind)
    return format_html('<span class="state {} {}">{}{}</span>', kind, size, icon(f"st-{kind}"), label)


@register.simple_tag
def avatar(user: Any, role: str = "") -> SafeString:
    """The round mark with a person's initials; `role` "lead" puts a ring around it. Decorative: the name stands beside it."""
    initials = getattr(user, "initials", "") or "·"
    return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', role, initials)


NETWORKS = {
    "mastodon": ("MA", "Mastodon"),
    "bluesky": ("BS", "Bluesky"),
    "telegram": ("TG", "Telegram"),
    "vk": ("VK", "VK"),
    "reddit": ("RD", "Reddit"),
    "youtube": ("YT", "YouTube"),
    "x": ("X", "X"),
    "facebook": ("FB", "Facebook"),
    "instagram": ("IG", "Instagram"),
    "rss": ("RS", "RSS"),
    "feed": ("RS", "RSS"),
    "email": ("EM", "E-mail"),
    "mail": ("EM", "E-mail"),
    "webhook": ("WH", "Webhook"),
    "import": ("IM", "Import"),
    "practice": ("PR", "Practice"),
    "slack": ("SL", "Slack"),
    "matrix": ("MX", "Matrix"),
}


@register.simple_tag
def net(network: str) -> SafeString:
    """A network as two letters; screen readers hear its name."""
    short, name = NETWORKS.get(network, (network[:2].upper(), network.capitalize()))
    return format_html(
        '<span class="chip net" title="{}"><span aria-hidden="true">{}</span><span class="sr">{}</span></span>',
        name,
        short,
        name,
    )


@register.filter
def net_name(network: str) -> str:
    """The name of a network as people write it."""
    return NETWORKS.get(network, ("", network.capitalize()))[1]


# ── numbers ──


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """1240 as 1,240 or 1 240; None, which means "not heard", as a dash and never as zero."""
    if value is None or value == "":
        return DASH
    return formats.number_format(value, decimal_pos=digits, use_l10n=True, force_grouping=True)


@register.filter
def percent(share: Any, digits: int = 0) -> str:
    """A share of 0 to 1 as 58% or 58 %."""
    if share is None or share == "":
        return DASH
    text = formats.number_format(round(float(share) * 100, digits), decimal_pos=digits, use_l10n=True)
    return f"{text}{NBSP if _russian() else ''}%"


@register.simple_tag
def spread(low: Any, high: Any) -> str:
    """A range that never breaks across lines: 62–118."""
    return f"{number(round(low))}\u2060–\u2060{number(round(high))}"


@register.simple_tag
def cover(share: float | None, text: Any, url: str = "") -> SafeString:
    """The completeness mark under a number: a bar of `share` (0 to 1), words, and a way to the rows. Ochre below 0.9."""
    share = 0.0 if share is None else max(0.0, min(1.0, float(share)))
    low = " low" if share < 0.9 else ""
    style = f"--c:{round(share * 100)}%"
    if url:
        return format_html('<a class="cover{}" href="{}" style="{}">{}</a>', low, url, style, text)
    return format_html('<span class="cover{}" style="{}">{}</span>', low, style, text)


@register.simple_tag
def prob(p: float) -> SafeString:
    """A probability as a bar and two digits."""
    return format_html(
        '<span class="prob" style="--p:{}%">{}</span>',
        round(float(p) * 100),
        formats.number_format(p, decimal_pos=2, use_l10n=True),
    )


# ── times ──


@register.filter
def clock(moment: datetime | None, form: str = "") -> SafeString | str:
    """13:43 today, otherwise Tue 17 Nov, 13:43 (вт 17 ноября, 13:43), in the zone of the page. `form`: "full"
    always with the day, "hours" never."""
    if not moment:
        return DASH
    local, today = timezone.localtime(moment), timezone.localtime(utcnow())
    hours = local.strftime("%H:%M")
    if form == "hours" or (local.date() == today.date() and form != "full"):
        text = hours
    else:
        text = f"{_day(local, today)}, {hours}"
    return _time(moment, text)


@register.filter
def day(moment: datetime | None) -> SafeString | str:
    """Tue 17 Nov, вт 17 ноября; with the year when it is another one."""
    if not moment:
        return DASH
    return _time(moment, _day(timezone.localtime(moment), timezone.localtime(utcnow())))


def _day(local: datetime, today: datetime) -> str:
    text = formats.date_format(local, "D j E" if _russian() else "D j M")
    if _russian():
        text = text[:1].lower() + text[1:]
    if local.year != today.year:
        text = f"{text} {local.year}"
    return text.replace(" ", NBSP)


@register.filter
def duration(span: timedelta | float | None) -> str:
    """12 s, 47 min, 1 h 52 min, 3 days (12 с, 47 мин, 1 ч 52 мин, 3 дня). Seconds or a timedelta; below zero as its size."""
    if span is None or span == "":
        return DASH
    seconds = int(abs(span.total_seconds() if isinstance(span, timedelta) else float(span)))
    if seconds < 60:
        text = _("%(n)s s") % {"n": seconds}
    elif seconds < 3600:
        text = _("%(n)s min") % {"n": seconds // 60}
    elif seconds < 48 * 3600:
        text = _("%(n)s h") % {"n": seconds // 3600}
        if minutes := seconds % 3600 // 60:
            text = f"{text} {_('%(n)s min') % {'n': minutes}}"
    else:
        text = _("%(n)s d") % {"n": seconds // 86400}
        if hours := seconds % 86400 // 3600:
            text = f"{text} {_('%(n)s h') % {'n': hours}}"
    return text.replace(" ", NBSP)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """2 s ago, 1 h 5 min ago; kept counting by app.js."""
    if not moment:
        return DASH
    text = _("%(time)s ago") % {"time": duration(utcnow() - moment)}
    return _time(moment, text.replace(" ", NBSP), "data-ago")


@register.filter
def until(moment: datetime | None) -> str:
    """The time left to a moment, without counting; 0 min when it has passed."""
    if not moment:
        return DASH
    return duration(max(timedelta(0), moment - utcnow()))


@register.simple_tag
def countdown(moment: datetime | None) -> SafeString | str:
    """The time left to a moment, or by how much it is late, kept counting by app.js."""
    if not moment:
        return DASH
    left = moment - utcnow()
    text = duration(left) if left >= timedelta(0) else _("%(time)s late") % {"time": duration(left)}
    return _time(moment, text.replace(" ", NBSP), "data-countdown")


def _time(moment: datetime, text: str, mark: str = "") -> SafeString:
    local = timezone.localtime(moment)
    full = f"{formats.date_format(local, 'D j E Y' if _russian() else 'D j M Y')}, {local.strftime('%H:%M:%S %Z')}"
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.isoformat(),
        full,
        mark_safe(f" {mark}" if mark else ""),
        text,
    )


def _russian() -> bool:
    return (get_language() or "").startswith("ru")


# ── strangers' words ──

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_JOINERS = re.compile("[\u200c\u200d]+")
_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def plain(text: Any) -> str:
    """A stranger's text without what is meant to deceive the eye: direction overrides, invisible letters, controls, and
    towers of accents. Joiners stay where they build emoji or letters of a joining script."""
    clean = _CONTROL.sub("", _INVISIBLE.sub("", _DIRECTION.sub("", str(text).replace("\r\n", "\n"))))
    clean = _JOINERS.sub(lambda m: m[0][0] if _joins(clean, m.start(), m.end()) else "", clean)
    return _MARKS.sub(r"\1", clean)


def _joins(text: str, start: int, end: int) -> bool:
    def needs(letter: str) -> bool:
        code = ord(letter)
        return unicodedata.category(letter) in ("So", "Sk") or code == 0xFE0F or 0x0600 <= code <= 0x0DFF

    return start > 0 and end < len(text) and needs(text[start - 1]) and needs(text[end])


@register.filter
def safe_text(text: Any) -> SafeString:
    """Something a stranger wrote, for a page: escaped, without links, direction overrides and invisible letters, in a
    `<bdi>` so that it cannot reorder what stands around it. Line breaks are kept by the style sheet."""
    return format_html('<bdi class="said">{}</bdi>', plain(text or ""))


# ── addresses and live parts ──


@register.simple_tag
def url_if(name: str, *args: Any, **kwargs: Any) -> str:
    """Like `{% url %}`, and empty when there is no such page."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag
def live(topics: str, url: str, select: str = "") -> SafeString:
    """Attributes of an element that is fetched anew from `url` when one of the live topics fires: `<div {% live "alerts posts" url %}>`.

    The answer replaces the element itself (morphing: focus and open parts stay). With `select` (a selector) the answer may
    be a whole page, of which that part is taken. Topics: mentions, alerts, crisis, pause, posts, inbox, tasks, sources, drill.
    """
    triggers = ", ".join(
        f"live-{topic} from:body throttle:1s" for topic in re.split(r"[\s,]+", topics.strip())
    )
    attributes = [("hx-get", url), ("hx-trigger", triggers), ("hx-swap", "outerMorph")]
    if select:
        attributes.append(("hx-select", select))
    return format_html_join(" ", '{}="{}"', attributes)


@register.filter
def said_by(name: Any, fallback: Any = "") -> SafeString:
    """A stranger's name or handle: cleaned, in one line, at most 80 letters."""
    text = " ".join(plain(name or "").split()) or str(fallback)
    return format_html("<bdi>{}</bdi>", f"{text[:79]}…" if len(text) > 80 else text)


# ── parts of the shell ──


@register.filter
def at(mapping: dict, key: Any) -> Any:
    """The value under a key that is itself a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def first_word(text: str) -> str:
    """Anna, of Anna Orlova."""
    return next(iter(str(text).split()), "")


@register.filter
def since(moment: datetime | None) -> str:
    """How long something has lasted: 3 h 12 min."""
    return DASH if not moment else duration(utcnow() - moment)


@register.filter
def now_in_zone(moment: datetime) -> str:
    """Tue 17 Nov, 13:43 MSK, in the zone of the page."""
    local = timezone.localtime(moment)
    return f"{_day(local, local)}, {local.strftime('%H:%M')}{NBSP}{zone_name(local)}"


_RUSSIAN_ZONES = {"MSK": "МСК", "EET": "EET", "UTC": "UTC"}


def zone_name(local: datetime) -> str:
    """MSK, МСК, or UTC+5 where the zone has no letters."""
    name = local.strftime("%Z")
    if not name.isalpha():
        offset = local.utcoffset() or timedelta(0)
        hours, rest = divmod(int(abs(offset.total_seconds())) // 60, 60)
        name = f"UTC{'−' if offset < timedelta(0) else '+'}{hours}{f':{rest:02d}' if rest else ''}"
    return _RUSSIAN_ZONES.get(name, name) if _russian() else name
