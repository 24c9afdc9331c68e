"""How X counts a post (docs.x.com/fundamentals/counting-characters, configuration v3 of twitter-text)."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 280
LINK = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Signs that count once; all others count twice."""
_ENDINGS = (
    "com|net|org|info|biz|edu|gov|mil|int|app|dev|io|ai|online|site|shop|store|news|blog|media|рф|su|xyz|pro"
)
# A name with a known ending counts as a link even without https://; two letters are always some country.
_LINKS = re.compile(
    rf"https?://[^\s]+|(?<![\w@.#$-])(?:[\w-]+\.)+(?:{_ENDINGS}|[a-z]{{2}})(?![\w.@-])(?:/[^\s]*)?",
    re.IGNORECASE,
)
_PICTURE = "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae\u203c\u2049\u2122\u2139]"
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|"
    f"{_PICTURE}(?:\ufe0f|{_SKIN})?(?:\u200d{_PICTURE}(?:\ufe0f|{_SKIN})?)*(?:[\U000e0020-\U000e007f]+)?"
)


def counted(text: str) -> int:
    """Length as X counts it: Latin and Cyrillic once, most else twice, any emoji 2, any link 23."""
    text = unicodedata.normalize("NFC", text)
    total, at = 0, 0
    for link in _LINKS.finditer(text):
        total += _weighed(text[at : link.start()]) + LINK
        at = link.end()
    return total + _weighed(text[at:])


def _weighed(text: str) -> int:
    pictures = [found[0] for found in _EMOJI.finditer(text) if _is_emoji(found[0])]
    rest = _EMOJI.sub(lambda found: "" if _is_emoji(found[0]) else found[0], text)
    return 2 * len(pictures) + sum(1 if _light(ord(sign)) else 2 for sign in rest)


def _is_emoji(sign: str) -> bool:
    # ©, ™ and the like are pictures only with the mark that makes them one.
    return len(sign) > 1 or ord(sign) >= 0x2300


def _light(code: int) -> bool:
    return any(low <= code <= high for low, high in _LIGHT)
