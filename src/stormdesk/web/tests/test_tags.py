"""The tags: numbers and times as each language wants them, strangers' words without tricks."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from stormdesk.web.templatetags import stormdesk as tags

NBSP = "\u00a0"


@pytest.fixture
def present(monkeypatch, now):
    """The tags are asked at 10:00 UTC of Tuesday 17 November 2026."""
    monkeypatch.setattr(tags, "utcnow", lambda: now)
    return now


def shown(template, language="en", **context):
    with translation.override(language):
        return Template("{% load stormdesk %}" + template).render(Context(context))


class Words(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.words, self.tags = "", []
        self.feed(html)

    def handle_data(self, data):
        self.words += data

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    ("template", "english", "russian"),
    [
        ("{{ 1240|number }}", "1,240", f"1{NBSP}240"),
        ("{{ none|number }}", "—", "—"),
        ("{{ 0|number }}", "0", "0"),
        ("{{ 0.58|percent }}", "58%", f"58{NBSP}%"),
        ("{{ none|percent }}", "—", "—"),
        ("{% spread 62.4 1118 %}", "62\u2060–\u20601,118", f"62\u2060–\u20601{NBSP}118"),
    ],
)
def test_numbers(template, english, russian):
    assert shown(template, none=None) == english
    assert shown(template, "ru", none=None) == russian


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [
        (0, "0 s", "0 с"),
        (12, "12 s", "12 с"),
        (47 * 60 + 59, "47 min", "47 мин"),
        (3600, "1 h", "1 ч"),
        (6720, "1 h 52 min", "1 ч 52 мин"),
        (29 * 3600 + 39 * 60, "29 h 39 min", "29 ч 39 мин"),
        (3 * 86400 + 3600, "3 d 1 h", "3 д 1 ч"),
        (-90, "1 min", "1 мин"),
    ],
)
def test_durations_never_break_across_lines(seconds, english, russian):
    assert shown("{{ span|duration }}", span=timedelta(seconds=seconds)) == english.replace(" ", NBSP)
    assert shown("{{ span|duration }}", "ru", span=seconds) == russian.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("moment", "english", "russian"),
    [
        (datetime(2026, 11, 17, 8, 43, tzinfo=UTC), "11:43", "11:43"),
        (datetime(2026, 11, 16, 8, 43, tzinfo=UTC), f"Mon{NBSP}16{NBSP}Nov, 11:43", f"пн{NBSP}16{NBSP}ноября, 11:43"),
        (datetime(2025, 3, 1, 22, 0, tzinfo=UTC), f"Sun{NBSP}2{NBSP}Mar{NBSP}2025, 01:00", f"вс{NBSP}2{NBSP}марта{NBSP}2025, 01:00"),
    ],
)  # fmt: skip
def test_clocks_are_told_in_the_zone_of_the_page(present, moment, english, russian):
    with timezone.override("Europe/Moscow"):
        assert Words(shown("{{ at|clock }}", at=moment)).words == english
        told = Words(shown("{{ at|clock }}", "ru", at=moment))
    assert told.words == russian
    assert told.tags[0][1]["datetime"] == moment.isoformat()


def test_a_missing_moment_is_a_dash():
    for tag in ("clock", "day", "ago", "since", "until"):
        assert shown("{{ at|" + tag + " }}", at=None) == "—"


def test_a_countdown_says_when_it_is_late(present):
    template = "{% countdown at %}"
    assert Words(shown(template, at=present + timedelta(minutes=47))).words == f"47{NBSP}min"
    assert Words(shown(template, at=present - timedelta(minutes=13))).words == f"13{NBSP}min{NBSP}late"
    assert Words(shown(template, "ru", at=present - timedelta(minutes=13))).words == f"+13{NBSP}мин"


@pytest.mark.parametrize(
    ("hostile", "clean"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("pay\u200bpal", "paypal"),
        ("a\u2066b\u2069c\u200fd", "abcd"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
        ("in\u200dvisible", "invisible"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("z" + "\u0336" * 40, "z" + "\u0336" * 3),
        ("nul\x00 bell\x07 esc\x1b[31m", "nul bell esc[31m"),
        ("two\r\nlines", "two\nlines"),
        ("tag\U000e0041\U000e0042", "tag"),
    ],
)
def test_strangers_words_cannot_deceive(hostile, clean):
    told = Words(shown("{{ text|safe_text }}", text=hostile))
    assert told.words == clean
    assert [tag for tag, _ in told.tags] == ["bdi"]


def test_links_of_strangers_are_not_links():
    assert "<a" not in shown("{{ text|safe_text }}", text="http://evil.example/ javascript:alert(1)")


def test_attributes_from_strangers_stay_inside():
    hostile = '" onmouseover="x'
    for template in (
        "{% net text %}",
        "{% state text text %}",
        "{% cover 0.5 text text %}",
        "{% icon text %}",
        "{% live text text text %}",
    ):
        for _tag, attributes in Words(shown(template, text=hostile)).tags:
            assert "onmouseover" not in attributes


def test_completeness_below_nine_tenths_looks_different():
    assert 'class="cover low"' in shown("{% cover 0.61 'x' %}")
    assert 'class="cover"' in shown("{% cover 0.97 'x' %}")
    assert "--c:0%" in shown("{% cover none 'x' %}", none=None)


def test_an_address_that_does_not_exist_is_empty():
    assert shown("{% url_if 'home' %}{% url_if 'no_such_page' 1 %}") == "/"


def test_live_parts_listen_to_each_topic():
    told = Words("<div " + shown("{% live 'alerts, posts' '/x/?a=1&b=2' '#part' %}") + ">").tags[0][1]
    assert told["hx-trigger"] == "live-alerts from:body throttle:1s, live-posts from:body throttle:1s"
    assert told["hx-get"] == "/x/?a=1&b=2"
    assert told["hx-select"] == "#part"


def test_zones_without_letters_are_told_by_their_distance():
    moment = datetime(2026, 11, 17, 10, tzinfo=UTC)
    with timezone.override("Asia/Yekaterinburg"):
        assert shown("{{ at|now_in_zone }}", at=moment).endswith(f"15:00{NBSP}UTC+5")
    with timezone.override("Europe/Moscow"):
        assert shown("{{ at|now_in_zone }}", "ru", at=moment).endswith(f"13:00{NBSP}МСК")


def test_every_icon_that_a_template_names_is_drawn():
    import re
    from pathlib import Path

    package = Path(tags.__file__).resolve().parents[2]
    sprite = (package / "web/static/web/icons/sprite.svg").read_text()
    drawn = set(re.findall(r'id="i-([\w-]+)"', sprite))
    named = {
        (name, path.name)
        for path in package.rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())
    }
    assert {(name, where) for name, where in named if name not in drawn} == set()
    kinds = {
        name
        for path in package.rglob("sentences.py")
        for name in re.findall(r'icon="([\w-]+)"', path.read_text())
    }
    assert kinds - drawn == set()


def test_charts_look_the_same_on_a_page_and_standing_alone():
    import re
    from pathlib import Path

    from stormdesk.core.charts.style import LIGHT, RULES

    folder = Path(tags.__file__).resolve().parents[1] / "static/web"
    assert RULES in (folder / "components.css").read_text()
    light = (folder / "tokens.css").read_text().split("@media", 1)[0]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", light))
    assert {name: tokens[name] for name in LIGHT} == LIGHT
