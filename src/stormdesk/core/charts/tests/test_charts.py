"""Charts: what is not heard is a gap, hostile words stay words, one picture for page and report."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stormdesk.core.charts import (
    Fire,
    Mark,
    days_chart,
    interval,
    reaction_chart,
    series_chart,
    sparkline,
    took,
)
from stormdesk.core.charts.plot import Plot, nice_top
from stormdesk.core.charts.style import light

START = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)


def hours(*values):
    return [(START + timedelta(hours=i), value) for i, value in enumerate(values)]


def classes(svg, name):
    return [element for element in ElementTree.fromstring(svg).iter() if element.get("class") == name]


def test_what_was_not_heard_is_a_gap_and_never_a_zero():
    whole = series_chart(hours(5, 6, 7, 8, 9, 10), title="Heard")
    broken = series_chart(hours(5, 6, None, 8, 9, 10), title="Heard")
    assert len(classes(whole, "vol")) == 1
    assert len(classes(broken, "vol")) == 2
    base = 190 - 28
    ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", classes(broken, "vol")[0].get("d"))]
    assert max(ys) < base


def test_a_lonely_point_between_two_gaps_is_a_dot():
    assert (
        len(classes(series_chart(hours(5, None, 7, None, 9), title="Heard"), "dot")) == 4
    )  # 3 points, 1 end


def test_words_of_strangers_cannot_leave_the_picture():
    bad = '"><script>alert(1)</script>'
    for svg in (
        reaction_chart(
            hours(1, 2, 3), title=bad, description=bad, marks=[Mark(START, bad, True, bad)], without_label=bad
        ),
        sparkline([1, 2], title=bad),
        interval(0, 0.1, 0.2, title=bad),
        took(timedelta(1), timedelta(1), title=bad),
        days_chart([(date(2026, 11, 1), 3), (date(2026, 11, 2), 4)], [(bad, [])], title=bad),
    ):
        ElementTree.fromstring(svg)
        assert "<script" not in svg


def test_a_picture_that_stands_alone_has_its_own_colours():
    svg = series_chart(hours(1, 2, 3), title="Heard", standalone=True)
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(--" not in svg
    assert light() in svg


def test_local_times_stand_under_the_axis():
    svg = series_chart(hours(1, 2, 3, 4), title="Heard", zone=ZoneInfo("Europe/Moscow"))
    texts = [element.text for element in ElementTree.fromstring(svg).iter("text")]
    assert "08:00" in texts
    assert "05:00" not in texts


def test_numbers_are_grouped_as_the_language_wants():
    assert ">1,240<" in series_chart(hours(10, 1240), title="Heard")
    assert ">1\u00a0240<" in series_chart(hours(10, 1240), title="Услышано", language="ru")


def test_the_decisive_hour_gets_the_greater_part_of_the_width():
    end = START + timedelta(hours=24)
    plain = Plot(800, 200, (START, end), 10)
    zoomed = Plot(800, 200, (START, end), 10, zoom=(end - timedelta(hours=2), end))
    two_hours = plain.x(end) - plain.x(end - timedelta(hours=2))
    assert zoomed.x(end) - zoomed.x(end - timedelta(hours=2)) > 5 * two_hours
    assert zoomed.x(START) == plain.x(START)
    xs = [zoomed.x(START + timedelta(minutes=30 * i)) for i in range(49)]
    assert xs == sorted(xs)


def test_marks_at_one_time_stand_in_rows_of_their_own():
    marks = [Mark(START + timedelta(minutes=i), str(i)) for i in range(4)]
    svg = series_chart(hours(1, 2, 3, 4, 5, 6, 7), title="Heard", marks=marks)
    assert len({element.get("y") for element in classes(svg, "act")}) == 4


def test_gaps_are_shown_under_the_axis_even_when_short():
    svg = series_chart(hours(*range(1, 25)), title="Heard", gaps=[(START, START + timedelta(seconds=30))])
    x0, x1 = map(float, re.match(r"M([\d.]+) [\d.]+H([\d.]+)", classes(svg, "cov-gap")[0].get("d")).groups())
    assert x1 - x0 >= 3


def test_a_chart_of_nothing_needs_to_know_its_hours():
    with pytest.raises(ValueError, match="window"):
        series_chart([], title="Heard")
    series_chart([], title="Heard", window=(START, START + timedelta(hours=6)))


@pytest.mark.parametrize(("value", "lines"), [(0, 3), (1, 3), (7, 3), (409, 3), (1288, 3), (98765, 2)])
def test_the_value_axis_holds_the_greatest_value_in_a_few_lines(value, lines):
    top, step = nice_top(value, lines)
    assert top >= value
    assert 1 <= top / step <= lines + 1


def test_kinds_of_alerts_have_shapes_of_their_own():
    days = [(date(2026, 11, 1) + timedelta(days=i), None if i == 3 else 10.0) for i in range(10)]
    fires = [Fire(days[1][0], "hit"), Fire(days[2][0], "vain"), Fire(days[4][0], "missed")]
    svg = days_chart(days, [("now", fires)], title="Ten days")
    assert [len(classes(svg, kind)) for kind in ("act", "vain", "missed", "day")] == [1, 1, 1, 9]


def test_lateness_changes_the_bar():
    assert "took-late" in took(timedelta(minutes=61), timedelta(minutes=60), title="late")
    assert "took-late" not in took(timedelta(minutes=60), timedelta(minutes=60), title="in time")
