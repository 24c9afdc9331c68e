"""The switch: scopes, second presses, reminders, and that only people end it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from stormdesk.accounts.actions import connect_account
from stormdesk.core.errors import AccessDenied, BadInput, Conflict
from stormdesk.journal.queries import history
from stormdesk.notify.models import Call
from stormdesk.pause import actions, jobs, queries, rules
from stormdesk.pause.models import Pause

pytestmark = pytest.mark.django_db


def start(brand, by, now, **fields):
    return actions.start_pause(brand=brand, by=by, now=now, **{"reason": "batch 1107", **fields})


def test_scopes_cover_what_they_say(brand, owner, now):
    account = connect_account(brand=brand, by=owner, now=now, network="practice", handle="meadow")
    assert queries.covering(brand.pk, "practice", account.pk) is None
    network = start(brand, owner, now, scope="network", network="mastodon")
    assert queries.covering(brand.pk, "practice", account.pk) is None
    assert queries.covering(brand.pk, "mastodon", 0) == network
    one = start(brand, owner, now, scope="account", account=account)
    assert queries.covering(brand.pk, "practice", account.pk) == one
    assert queries.covering(brand.pk, "practice", account.pk + 1) is None
    whole = start(brand, owner, now)
    assert queries.covering(brand.pk, "practice", account.pk + 1) == whole
    strip = queries.strip(brand, now)
    assert (strip.pause, strip.others, strip.in_force) == (whole, 2, False)


def test_everything_pauses_each_brand_the_person_works_for(brand, make_brand, make_person, now):
    second, foreign = make_brand("Kefir"), make_brand("Rival")
    anna = make_person("Anna", {brand: "lead", second: "publisher"})
    start(brand, anna, now, scope="everything")
    assert queries.covering(second.pk, "practice", 1) is not None
    assert queries.covering(foreign.pk, "practice", 1) is None


def test_pressing_twice_is_one_pause_and_both_are_on_record(brand, owner, person, now):
    first = start(brand, owner, now)
    assert start(brand, person("responder", "Vera"), now, reason="me too") == first
    assert Pause.objects.count() == 1
    told = [entry.sentence for entry in history(brand, subject=f"pause:{first.pk}")]
    assert "Vera asked for the same pause" in told[0]
    assert "Anna Orlova paused publishing" in told[1]


def test_anyone_who_works_here_may_pull_the_brake_but_not_release_it(brand, owner, person, now):
    vera = person("responder", "Vera")
    pause = start(brand, vera, now)
    with pytest.raises(AccessDenied):
        actions.end_pause(pause=pause, by=vera, now=now)
    with pytest.raises(AccessDenied):
        start(brand, person("viewer"), now)
    with pytest.raises(AccessDenied, match="only by a person"):
        actions.end_pause(pause=pause, by=None, now=now)
    actions.end_pause(pause=pause, by=owner, now=now)
    with pytest.raises(Conflict):
        actions.end_pause(pause=pause, by=owner, now=now)


def test_a_pause_needs_a_reason_a_target_of_this_brand_and_a_review_ahead(brand, owner, make_brand, now):
    for fields in (
        {"reason": "  "},
        {"scope": "network"},
        {"scope": "account"},
        {"review_at": now},
    ):
        with pytest.raises(BadInput):
            start(brand, owner, now, **fields)
    foreign = connect_account(brand=make_brand("Kefir"), by=None, now=now, network="practice", handle="kefir")
    with pytest.raises(BadInput):
        start(brand, owner, now, scope="account", account=foreign)
    assert not Pause.objects.exists()


def test_in_force_is_said_once_and_never_of_an_ended_pause(brand, owner, now):
    pause = start(brand, owner, now)
    assert actions.confirm_in_force(pause=pause, now=now)
    assert not actions.confirm_in_force(pause=pause, now=now)
    second = start(brand, owner, now, scope="network", network="mastodon")
    actions.end_pause(pause=second, by=owner, now=now)
    assert not actions.confirm_in_force(pause=second, now=now)


def test_people_are_reminded_and_the_pause_goes_on(brand, owner, now):
    pause = start(brand, owner, now, review_at=now + timedelta(hours=1))
    assert jobs.remind(now) == 0
    assert jobs.remind(now + timedelta(hours=1)) == 1
    assert jobs.remind(now + timedelta(hours=1, minutes=1)) == 0, "not every minute"
    assert jobs.remind(now + timedelta(hours=5)) == 1
    assert {call.user for call in Call.objects.filter(kind="pause.review")} == {owner}
    assert queries.open_pauses(brand) == [pause]


@pytest.mark.parametrize(
    ("review", "reminded", "due"),
    [(1, None, False), (0, None, True), (-1, -2, True), (-3, -2, False), (-9, -4, True)],
)
def test_reminders(now, review, reminded, due):
    hours = lambda n: now + timedelta(hours=n) if n is not None else None  # noqa: E731
    assert rules.reminder_due(hours(review), hours(reminded), now) is due


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_pauses_and_ends(brand, owner, client_of, language):
    anna = client_of(owner, language)
    page = reverse("pause", args=[brand.slug])
    assert anna.get(page).status_code == 200
    assert anna.post(page, {"target": "brand", "reason": " ", "review": 4}).status_code == 422
    assert anna.post(page, {"target": "brand", "reason": "batch 1107", "review": 4}).status_code == 302
    pause = Pause.objects.get()
    assert "batch 1107" in anna.get(page).content.decode()
    anna.post(reverse("pause_later", args=[brand.slug, pause.pk]), {"hours": "12"})
    anna.post(reverse("pause_end", args=[brand.slug, pause.pk]))
    pause.refresh_from_db()
    assert pause.ended_by == owner
