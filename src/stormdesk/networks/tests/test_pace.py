"""Budgets: who waits, who goes first, what headers say, and that processes share what they know."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from stormdesk.core import http
from stormdesk.networks import calls, pace
from stormdesk.networks.base import Limit, Permanent, Retryable
from stormdesk.networks.pace import Budget, Priority

URL = "https://example.org/api/v1/statuses/15"
AUTH = {"authorization": "Bearer secret-token"}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def fresh():
    pace.keep_in(pace.Memory())
    yield
    pace.keep_in(pace.Memory())


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-limit": "3000", "ratelimit-remaining": "700", "ratelimit-reset": str(int(NOW) + 90)},
        {"ratelimit-limit": "3000;w=300", "ratelimit-remaining": "700", "ratelimit-reset": "90"},
        {
            "x-ratelimit-limit": "300",
            "x-ratelimit-remaining": "70",
            "x-ratelimit-reset": "2026-03-01T12:01:30.000Z",
        },
        {
            "x-rate-limit-limit": "300",
            "x-rate-limit-remaining": "70",
            "x-rate-limit-reset": str(int(NOW) + 90),
        },
    ],
)
def test_what_headers_say_is_left_is_kept_for_those_who_go_first(headers):
    budget = Budget()
    budget.note(200, headers, NOW)
    assert budget.wait(Priority.LISTENING, NOW) == pytest.approx(90)
    assert budget.wait(Priority.SPEAKING, NOW) == 0
    assert budget.wait(Priority.LISTENING, NOW + 91) == 0


def test_the_last_of_it_is_for_the_pause_and_the_first_statement():
    budget = Budget()
    budget.note(200, {"ratelimit-limit": "100", "ratelimit-remaining": "5", "ratelimit-reset": "60"}, NOW)
    assert [budget.wait(p, NOW) > 0 for p in Priority] == [False, True, True]
    budget.note(
        429, {"retry-after": format_datetime(datetime.fromtimestamp(NOW + 30, UTC), usegmt=True)}, NOW
    )
    assert budget.wait(Priority.URGENT, NOW) == 0
    assert budget.wait(Priority.SPEAKING, NOW) == pytest.approx(60)


def test_too_many_requests_without_a_time_is_a_minute_and_a_lie_is_an_hour_at_most():
    budget = Budget()
    budget.note(429, {}, NOW)
    assert budget.wait(Priority.SPEAKING, NOW) == pytest.approx(60)
    budget.note(429, {"retry-after": "999999999"}, NOW)
    assert budget.wait(Priority.SPEAKING, NOW) == 3600
    budget.note(200, {}, NOW)
    assert budget.wait(Priority.SPEAKING, NOW) == 0


@pytest.mark.parametrize("value", ["", "x", "-5", "nan", "inf", "1e400", "9" * 400, "\x00"])
def test_headers_that_make_no_sense_change_nothing(value):
    budget = Budget()
    names = ("limit", "remaining", "reset")
    budget.note(200, {f"{p}-{n}": value for p in ("ratelimit", "x-ratelimit") for n in names}, NOW)
    assert budget.wait(Priority.LISTENING, NOW) <= 3600


def test_limits_that_no_answer_tells_are_counted():
    limit = Limit("requests", 20, 1, "https://example.org", requests=True)
    budget = Budget()
    waits = [budget.count((limit,), Priority.LISTENING, NOW) for _ in range(30)]
    assert waits[:15] == [0] * 15
    assert all(waits[15:])
    assert budget.count((limit,), Priority.SPEAKING, NOW) == 0
    assert budget.count((limit,), Priority.LISTENING, NOW + 1) == 0


def test_a_limit_of_one_lets_one_through_whoever_asks():
    limit = Limit("messages", 1, 1, "https://example.org", requests=True)
    for priority in (Priority.SPEAKING, Priority.LISTENING):
        budget = Budget()
        assert budget.count((limit,), priority, NOW) == 0
        assert budget.count((limit,), priority, NOW) == pytest.approx(1)


def test_a_budget_of_units_keeps_its_shares_and_is_whole_again_at_midnight_there():
    california = ZoneInfo("America/Los_Angeles")
    limit = Limit("units", 1000, 86_400, "https://example.org", requests=True)
    # The night summer time begins in: that day has 23 hours.
    began = datetime(2026, 3, 8, 0, 30, tzinfo=california).timestamp()
    budget = Budget()

    def count(priority, units, now):
        return budget.count((limit,), priority, now, units, california)

    assert [count(Priority.LISTENING, 250, began) for _ in range(3)] == [0, 0, 0]
    assert count(Priority.LISTENING, 1, began) > 0
    late = datetime(2026, 3, 8, 23, 30, tzinfo=california).timestamp()
    assert late - began == 22 * 3600
    assert [count(Priority.SPEAKING, 50, late) for _ in range(4)] == [0, 0, 0, 0]
    assert count(Priority.SPEAKING, 50, late) == pytest.approx(1800)
    assert count(Priority.URGENT, 50, late) == 0
    assert count(Priority.LISTENING, 1, late + 1799) > 0
    assert count(Priority.LISTENING, 1, late + 1800) == 0


def test_what_is_asked_for_a_part_of_an_account_counts_against_both(monkeypatch):
    monkeypatch.setattr(pace, "time", SimpleNamespace(time=lambda: NOW))
    whole = Limit("all", 40, 60, "https://example.org", requests=True)
    part = Limit("chat", 20, 60, "https://example.org", requests=True)

    def ask(chat):
        with pace.account("bot", (whole,)), pace.account(f"bot {chat}", (part,)):
            pace.take(URL, {})

    for chat in ("a", "b"):
        for _ in range(19):
            ask(chat)
        with pytest.raises(Retryable):
            ask(chat)
    with pytest.raises(Retryable):
        ask("c")


def test_one_endpoint_that_is_used_up_does_not_hold_up_the_others_unless_they_share_its_budget():
    sessions, posts = "https://example.org/xrpc/createSession", "https://example.org/xrpc/createRecord"
    pace.note(
        sessions, AUTH, 200, {"ratelimit-limit": "30", "ratelimit-remaining": "0", "ratelimit-reset": "60"}
    )
    pace.take(posts, AUTH)
    with pytest.raises(Retryable) as caught:
        pace.take(sessions, AUTH)
    assert 50 < caught.value.after < 70
    assert "secret" not in str(caught.value)
    # Both have answered with the same whole: one budget.
    whole = {"ratelimit-limit": "3000", "ratelimit-reset": "60"}
    pace.note(posts, AUTH, 200, whole | {"ratelimit-remaining": "2999"})
    other = "https://example.org/xrpc/getPosts"
    pace.note(other, AUTH, 200, whole | {"ratelimit-remaining": "3"})
    with pytest.raises(Retryable):
        pace.take(posts, AUTH)
    pace.take(posts, {"authorization": "Bearer of somebody else"})


def test_a_token_that_changes_is_still_the_same_account_and_urgent_goes_anyway():
    used_up = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "1", "x-ratelimit-reset": "60"}
    with pace.account("did:plc:brand"):
        pace.note(URL, AUTH, 200, used_up)
        for headers in (AUTH, {"authorization": "Bearer new"}):
            with pytest.raises(Retryable):
                pace.take(URL.replace("15", "16"), headers)
        with pace.priority(Priority.URGENT):
            pace.take(URL, AUTH)


def test_processes_share_what_they_know_and_a_broken_file_stops_nobody(tmp_path):
    path = tmp_path / "run" / "pace.sqlite3"
    code = (
        "import sys; from pathlib import Path; from stormdesk.networks import pace\n"
        f"pace.keep_in(pace.File(Path({str(path)!r})))\n"
        f"pace.note({URL!r}, {AUTH!r}, 429, {{'retry-after': '600'}})"
    )
    folder = str(Path(pace.__file__).parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": folder})
    pace.keep_in(pace.File(path))
    with pytest.raises(Retryable):
        pace.take(URL, AUTH)
    assert b"secret" not in path.read_bytes()
    path.write_bytes(b"nonsense" * 100)
    pace.take(URL, AUTH)
    pace.keep_in(pace.File(path / "below" / "a" / "file"))
    pace.take(URL, AUTH)


def test_a_request_that_must_wait_is_not_sent():
    pace.note(URL, AUTH, 429, {"retry-after": "60"})
    with pytest.raises(Retryable) as caught:
        asyncio.run(calls.write("POST", URL, headers=AUTH))
    assert caught.value.code == "paced"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"error": "invalid_grant"}', "invalid_grant"),
        (b'{"code": "verify.token", "message": "no"}', "verify.token"),
        (b'{"ok": false, "error_code": 400, "description": "no"}', "400"),
        (b'{"error": {"code": 5}}', None),
        (b'{"code": true}', None),
        (b"[]", None),
    ],
)
def test_the_name_a_network_gives_a_fault_is_kept_for_programs(body, named):
    with pytest.raises(Permanent) as caught:
        calls.judge(URL, http.Answer(400, {}, body, URL))
    assert caught.value.facts.get("named") == named
