"""The sentence of an alert in both languages."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from stormdesk.detect import detectors
from stormdesk.detect.detectors import sentence

STORM = {
    "kind": "content",
    "window": 60,
    "count": 1409,
    "low": 58,
    "high": 112,
    "negative": 0.71,
    "usual_negative": 0.18,
    "at": "2026-11-17T07:20:00+00:00",
    "local": "2026-11-17T10:20:00+03:00",
}


@pytest.fixture(scope="module")
def russian():
    po = Path(detectors.__file__).parent.parent / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    compiled = io.BytesIO()
    with po.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale="ru"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def en(**facts):
    plain = gettext.NullTranslations()
    return sentence({**STORM, **facts}, "en", "Meadow", plain.gettext, plain.ngettext)


def test_english():
    assert en() == (
        "1,409 mentions in the last hour, where 58–112 are usual for Tuesday morning; 71% negative instead of 18%."
    )
    assert en(kind="volume").endswith("; 71% negative.")
    assert en(kind="volume", knows_negative=False).endswith("for Tuesday morning.")
    assert en(count=1).startswith("1 mention in the last hour")
    assert en(since="2026-11-17T06:20:00+00:00", since_local="2026-11-17T09:20:00+03:00").endswith(
        "unusual since 09:20."
    )
    assert "would be usual so far" in en(learning=True)
    assert en(kind="few_authors", authors=4, window=15).startswith(
        "4 different people wrote about Meadow in the last 15 minutes"
    )
    assert en(kind="gap").startswith("Nothing was heard about Meadow")
    assert "Tuesday morning" in en(local=None), "without a place, the time of the week is UTC"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {},
            "1 409 упоминаний за последний час при обычных для утра вторника 58–112; 71 % негатива вместо 18 %.",
        ),
        ({"count": 1}, "1 упоминание за последний час"),
        ({"count": 402}, "402 упоминания за последний час"),
        ({"window": 5}, "за последние 5 минут"),
        ({"window": 360, "kind": "slow"}, "за последние 6 часов: медленный рост"),
        (
            {"kind": "few_authors", "authors": 3, "window": 15},
            "3 разных человека написали о бренде «Луговая»",
        ),
        ({"kind": "gap"}, "О бренде «Луговая» ничего не слышно"),
    ],
)
def test_russian(russian, facts, words):
    said = sentence({**STORM, **facts}, "ru", "Луговая", russian.gettext, russian.ngettext)
    assert words in said.replace("\u00a0", " ")
    assert "1 409" not in said, "digits are held together by no-break spaces"


def test_every_time_of_the_week_has_its_words(russian):
    for day in range(16, 23):
        for hour in (3, 9, 15, 21):
            local = f"2026-11-{day}T{hour:02}:00:00+03:00"
            said = sentence({**STORM, "local": local}, "ru", "Луговая", russian.gettext, russian.ngettext)
            assert not any(letter.isascii() and letter.isalpha() for letter in said), said
