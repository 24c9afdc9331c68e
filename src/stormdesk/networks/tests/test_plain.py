"""What strangers wrote becomes plain text: nothing invisible, nothing that turns the line around, never slow."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormdesk.networks.plain import clean, clean_line, from_html, safe_url


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Один</p><p>Два<br>Три</p>", "Один\n\nДва\nТри"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<script>alert(1)</script>x<style>y</style>", "x"),
        ('<a href="javascript:1" onclick=x>link</a>', "link"),
        ('<span class="invisible">https://</span><span>example.org/a</span>', "https://example.org/a"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("<b", ""),
        ("", ""),
    ],
)
def test_html_reads_as_text(html, text):
    assert from_html(html) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<a",
        "<!--",
        "</",
        "<b>",
        "<p>",
        "<div>",
        "<ul><li>",
        "&#",
        "<script>",
        "<![CDATA[",
        "<svg><style>",
        "<table><tr><td>",
        "&amp;",
    ],
)
def test_no_html_is_slow(piece):
    start = time.process_time()
    from_html(piece * 400_000)
    assert time.process_time() - start < 10


def test_marks_that_deceive_are_removed_and_emoji_stay():
    assert (
        clean("pay\u202egnp.exe\u202c \u2066x\u2069 z\u200bero\ufeff \x00\x1b[31m")
        == "paygnp.exe x zero [31m"
    )
    assert clean("👨\u200d👩\u200d👧 می\u200cخواهم") == "👨\u200d👩\u200d👧 می\u200cخواهم"
    assert clean("a\r\nb\u2028c\ud800") == "a\nb\nc"
    assert clean_line("  two\n lines\t") == "two lines"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//x",
        "http://",
        "http://[",
        "https://a b",
        "x" * 3000,
        "ftp://x/",
    ],
)
def test_addresses_that_are_no_links_are_dropped(url):
    assert safe_url(url) == ""


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")
    from_html(text).encode("utf-8")
    safe_url(text)
