"""Mail about a matter that has a picture carries it, in the reader's language; and goes out whatever becomes of it."""

from __future__ import annotations

import smtplib
from email import policy
from email.parser import BytesParser

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils.translation import get_language

from stormdesk.notify import actions, messages
from stormdesk.notify.messages import PICTURE_MOST, Picture
from stormdesk.notify.models import Call
from stormdesk.notify.sending import send_due

pytestmark = pytest.mark.django_db

SVG = '<svg xmlns="http://www.w3.org/2000/svg" aria-label="{}"></svg>'


def drawn(brand, about, now):
    return Picture(SVG.format(get_language()), f'{about} of "{brand.name}" <b>')


def fails(brand, about, now):
    type(brand).objects.raw("SELECT no_such_column FROM nowhere")[0]


def huge(brand, about, now):
    return Picture("<svg>" + "x" * PICTURE_MOST, "huge")


@pytest.fixture
def kind(monkeypatch):
    """A kind of message with strangers' words, and the drawing as each test wants it."""
    monkeypatch.setitem(
        messages._MESSAGES, "drawn", messages.Message("Alert: %(sentence)s", "%(sentence)s\nOpen it.")
    )
    monkeypatch.setitem(messages._PICTURES, "drawn", drawn)
    return lambda draw: monkeypatch.setitem(messages._PICTURES, "drawn", draw)


def sent(brand, now, kind="drawn"):
    """The one letter, as a mail program reads it."""
    actions.call_people(
        brand=brand,
        about="alert:7",
        kind=kind,
        path=f"/b/{brand.slug}/alerts/7/",
        facts={"sentence": "<script>rush</script>"},
        now=now,
    )
    assert send_due(now=now) == 1
    (letter,) = mail.outbox
    return BytesParser(policy=policy.default).parsebytes(letter.message().as_bytes())


def parts(letter):
    return {part.get_content_type(): part for part in letter.walk()}


def test_the_picture_stands_in_the_letter_and_is_offered_as_a_file(brand, owner, now, kind):
    found = parts(sent(brand, now))
    assert {"multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/svg+xml"} == set(
        found
    )
    picture = found["image/svg+xml"]
    html, plain = found["text/html"].get_content(), found["text/plain"].get_content()
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert picture.get_content_disposition() == "inline"
    assert picture.get_filename() in plain
    assert picture.get_content().decode().startswith("<svg")
    for link in (f"/b/{brand.slug}/alerts/7/", "/taken/"):
        assert link in html
        assert link in plain


def test_strangers_words_are_no_html(brand, owner, now, kind):
    html = parts(sent(brand, now))["text/html"].get_content()
    assert "<script" not in html
    assert "&lt;script&gt;rush" in html
    assert f'alt="alert:7 of &quot;{brand.name}&quot; &lt;b&gt;"' in html


def test_it_is_drawn_and_told_in_the_readers_language(brand, owner, now, kind):
    type(owner).objects.filter(pk=owner.pk).update(language="ru")
    found = parts(sent(brand, now))
    assert 'aria-label="ru"' in found["image/svg+xml"].get_content().decode()
    assert 'lang="ru"' in found["text/html"].get_content()
    assert "Картинка вложена" in found["text/plain"].get_content()


@pytest.mark.parametrize("draw", [fails, huge, lambda *_: None])
def test_without_a_drawing_the_letter_goes_as_plain_text(brand, owner, now, kind, draw):
    kind(draw)
    letter = sent(brand, now)
    assert letter.get_content_type() == "text/plain"
    assert ".svg" not in letter.get_content()
    assert Call.objects.get().state == "sent"


def test_kinds_without_a_picture_stay_plain_text(brand, owner, now, kind):
    assert sent(brand, now, "test").get_content_type() == "text/plain"


class NoPictures(EmailBackend):
    """A mail server that takes no pictures, as some refuse certain attachments."""

    def send_messages(self, letters):
        if any(letter.attachments for letter in letters):
            raise smtplib.SMTPDataError(554, b"attachment refused")
        return super().send_messages(letters)


def test_a_server_that_refuses_the_picture_gets_the_words(brand, owner, now, kind, settings):
    settings.EMAIL_BACKEND = f"{__name__}.NoPictures"
    assert sent(brand, now).get_content_type() == "text/plain"


@pytest.mark.usefixtures("kind")
def test_an_administrator_may_send_words_alone(brand, owner, now, settings, monkeypatch):
    monkeypatch.setattr(settings.STORMDESK, "mail_pictures", False)
    assert sent(brand, now).get_content_type() == "text/plain"
