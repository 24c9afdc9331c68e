"""The mail about an alert carries the picture of its page, with colours of its own."""

from datetime import timedelta

import pytest
from django.core import mail

from stormdesk.detect import queries
from stormdesk.detect.actions import score_brand
from stormdesk.detect.models import Alert
from stormdesk.detect.pictures import mailed_picture
from stormdesk.detect.tests.storms import NOW, calm_days, storm
from stormdesk.notify.messages import PICTURE_MOST
from stormdesk.notify.sending import send_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(brand, owner, source):
    calm_days(brand, 3)
    storm(brand, NOW - timedelta(hours=1))
    score_brand(brand=brand, now=NOW)
    return Alert.objects.get(brand=brand)


def test_an_alert_is_mailed_with_its_picture(alert, owner):
    type(owner).objects.filter(pk=owner.pk).update(language="ru")
    assert send_due(now=NOW) == 1
    (letter,) = mail.outbox
    (part,) = letter.attachments
    svg = part.get_payload(decode=True).decode()
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "var(" not in svg
    assert "в час" in svg.split(">")[0]
    assert 'class="band"' in svg
    assert 'class="vol"' in svg
    assert len(svg.encode()) < PICTURE_MOST / 4
    html = letter.alternatives[0].content
    assert f'src="cid:{part["Content-ID"].strip("<>")}"' in html


def test_it_says_what_the_alert_says(alert):
    picture = mailed_picture(alert.brand, f"alert:{alert.pk}", NOW)
    assert picture.alt == queries.sentence_of(alert)


@pytest.mark.parametrize("about", ["alert:0", "crisis:1", ""])
def test_what_is_no_alert_has_no_picture(alert, about):
    assert mailed_picture(alert.brand, about, NOW) is None


def test_another_brands_alert_has_no_picture(alert, make_brand):
    assert mailed_picture(make_brand("Other"), f"alert:{alert.pk}", NOW) is None
