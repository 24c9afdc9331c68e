"""D6: the right person is reached, acknowledgement stops the calls, escalation goes on until it must end."""

from __future__ import annotations

import socket
from datetime import time, timedelta

import pytest
from aiosmtpd.controller import Controller

from stormdesk.core.errors import AccessDenied, BadInput
from stormdesk.notify import actions, queries, rules
from stormdesk.notify.auditing import audit_calls
from stormdesk.notify.messages import text_of
from stormdesk.notify.models import Call, Escalation
from stormdesk.notify.rules import REPEATS_MOST
from stormdesk.notify.sending import send_due

pytestmark = pytest.mark.django_db


def call(brand, now, about="alert:1"):
    return actions.call_people(
        brand=brand, about=about, kind="test", path=f"/b/{brand.slug}/", facts={}, now=now
    )


def test_whoever_is_on_call_is_called_first(brand, owner, person, now):
    vera = person("responder", "Vera")
    actions.add_shift(
        brand=brand,
        by=owner,
        now=now,
        user=vera,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    call(brand, now)
    assert [row.user for row in Call.objects.all()] == [vera]


def test_without_a_shift_the_leads_are_called_else_the_owners(brand, owner, person, now):
    call(brand, now)
    assert Call.objects.get().user == owner
    lead = person("lead")
    call(brand, now, "alert:2")
    assert Call.objects.latest("pk").user == lead


def test_one_matter_is_called_about_once(brand, owner, now):
    assert call(brand, now) == call(brand, now)
    assert Call.objects.count() == 1


def test_steps_follow_until_somebody_acknowledges(brand, owner, person, now):
    boris, ksenia = person("approver", "Boris"), person("lead", "Ksenia")
    actions.set_steps(brand=brand, by=owner, now=now, steps=[(0, boris), (10, ksenia)])
    call(brand, now)
    actions.escalate_due(now=now + timedelta(minutes=5))
    assert [row.user for row in Call.objects.all()] == [boris]
    actions.escalate_due(now=now + timedelta(minutes=11))
    assert [row.user for row in Call.objects.order_by("pk")] == [boris, ksenia]
    actions.acknowledge(brand=brand, about="alert:1", by=ksenia, now=now + timedelta(minutes=12))
    actions.escalate_due(now=now + timedelta(hours=5))
    assert Call.objects.count() == 2
    assert not Call.objects.filter(state="due").exists()


def test_an_escalation_ends_by_itself(brand, owner, now):
    call(brand, now)
    for minute in range(1, 600):
        actions.escalate_due(now=now + timedelta(minutes=minute))
    assert Escalation.objects.get().next_at is None
    assert Call.objects.count() == 1 + REPEATS_MOST


def test_two_workers_make_one_call_each_step(brand, owner, now):
    call(brand, now)
    stale = Escalation.objects.get()
    actions.escalate_due(now=now + timedelta(minutes=11))
    assert not Escalation.objects.filter(pk=stale.pk, step=stale.step, next_at=stale.next_at).exists()
    assert Call.objects.count() == 2


def test_those_who_may_not_answer_alerts_acknowledge_nothing(brand, owner, person, now):
    call(brand, now)
    with pytest.raises(AccessDenied):
        actions.acknowledge(brand=brand, about="alert:1", by=person("viewer"), now=now)


def test_bad_shifts_and_steps_are_refused(brand, owner, now):
    with pytest.raises(BadInput):
        actions.add_shift(brand=brand, by=owner, now=now, user=owner, starts_at=now, ends_at=now)
    with pytest.raises(BadInput):
        actions.set_steps(brand=brand, by=owner, now=now, steps=[(10, None), (5, None)])


class Catch:
    """A real SMTP server that refuses one address for good and another for a while."""

    def __init__(self):
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 no such user"
        if address.startswith("busy"):
            return "451 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def smtp(settings):
    catch = Catch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(catch, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield catch
    controller.stop()


def test_mail_arrives_in_the_readers_language(brand, owner, now, smtp):
    type(owner).objects.filter(pk=owner.pk).update(language="ru")
    call(brand, now)
    assert send_due(now=now) == 1
    assert "=?utf-8?" in smtp.mails[0] or "Проверка" in smtp.mails[0]
    assert Call.objects.get().state == "sent"


@pytest.mark.parametrize(
    ("address", "state", "again"), [("gone@x.org", "failed", 0), ("busy@x.org", "due", 1)]
)
def test_a_refusal_is_final_or_tried_again(brand, owner, now, smtp, address, state, again):
    actions.add_channel(user=owner, now=now, kind="email", address=address, sealed={})
    call(brand, now)
    assert send_due(now=now) == 0
    row = Call.objects.get()
    assert row.state == state
    assert row.failure
    assert Call.objects.filter(state="due", due_at__gt=now).count() == again


def test_a_message_claimed_by_a_dead_process_is_sent_after_all(brand, owner, now, smtp):
    call(brand, now)
    Call.objects.update(state="sending", claimed_until=now - timedelta(seconds=1))
    assert send_due(now=now) == 1


def test_without_a_mail_server_the_failure_says_so(brand, owner, now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    call(brand, now)
    send_due(now=now)
    assert "STORMDESK_SMTP_URL" in Call.objects.get().failure


def test_facts_in_two_languages_come_in_the_active_one():
    from django.utils import translation

    from stormdesk.notify.messages import register_message, registered

    if not registered("both"):
        register_message("both", "%(sentence)s", "%(sentence)s %(missing)s")
    with translation.override("ru"):
        assert text_of("both", {"sentence": {"en": "hello", "ru": "привет"}}) == ("привет", "привет —")


def test_queries_name_who_is_called(brand, owner, now):
    assert queries.first_called(brand, now) == [owner]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page(brand, owner, client_of, language):
    assert client_of(owner, language).get(f"/b/{brand.slug}/on-call/").status_code == 200


def test_quiet_hours_hold_what_need_not_wake_anybody(brand, owner, now, smtp):
    begins, ends = (now - timedelta(hours=1)).time(), (now + timedelta(hours=7)).time()
    actions.set_quiet(user=owner, begins=begins.replace(second=0), ends=ends.replace(second=0))
    actions.tell(brand=brand, user=owner, kind="test", facts={}, path="/", now=now)
    assert send_due(now=now) == 0
    call(brand, now)
    assert send_due(now=now) == 1
    assert send_due(now=now + timedelta(hours=7)) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "clock", "over"),
    [
        ((22, 0), (7, 0), (23, 30), 7.5),
        ((22, 0), (7, 0), (6, 59), 1 / 60),
        ((22, 0), (7, 0), (7, 0), None),
        ((13, 0), (14, 0), (13, 30), 0.5),
        ((13, 0), (14, 0), (12, 59), None),
        ((9, 0), (9, 0), (9, 0), None),
    ],
)
def test_when_quiet_hours_end(now, begins, ends, clock, over):
    local = now.replace(hour=clock[0], minute=clock[1], second=0, microsecond=0)
    found = rules.quiet_ends(time(*begins), time(*ends), local)
    assert (found and (found - local).total_seconds() / 3600) == (pytest.approx(over) if over else None)


def test_quiet_hours_are_those_of_the_persons_own_clock(brand, owner, now):
    type(owner).objects.filter(pk=owner.pk).update(time_zone="Asia/Vladivostok")
    owner.refresh_from_db()
    noon_there = now.replace(hour=2, minute=0)
    actions.set_quiet(user=owner, begins=time(11), ends=time(13))
    assert queries.awake_at(owner, brand, noon_there) == noon_there + timedelta(hours=1)


@pytest.mark.django_db(transaction=True)  # as the job runs it: nothing around it is a transaction
def test_the_auditor_makes_the_calls_a_dead_worker_left(brand, owner, person, now, smtp):
    actions.set_steps(brand=brand, by=owner, now=now, steps=[(0, None), (5, person("lead", "Ksenia"))])
    call(brand, now)
    assert audit_calls(now=now + timedelta(minutes=1)) == 0
    assert audit_calls(now=now + timedelta(minutes=8)) == 2
    assert Call.objects.filter(state="sent").count() == 2
    assert brand.journal.get(kind="people.late").facts["minutes"] == 8
    assert audit_calls(now=now + timedelta(minutes=8, seconds=1)) == 0
