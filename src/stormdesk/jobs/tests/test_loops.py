"""Jobs keep their rhythm, and one that fails stops neither itself nor another."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core import jobs as core_jobs
from stormdesk.core.jobs import Heartbeat, Job, JobState, heartbeats, silent
from stormdesk.jobs import loops, registry

SOON = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def stopping(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    event = threading.Event()
    monkeypatch.setattr(loops, "stopping", event)
    monkeypatch.setattr(core_jobs, "stopping", event)
    return event


def fail(*, now: datetime) -> None:
    raise ValueError("the network sent nonsense")


def test_a_failing_job_is_named_in_the_log_and_counted_and_the_other_goes_on(stopping, caplog) -> None:
    seen = []

    def work(*, now: datetime) -> None:
        seen.append(now)
        if len(seen) >= 5:
            stopping.set()

    states: dict[str, JobState] = {}
    with caplog.at_level(logging.ERROR):
        running = loops.start([Job("read the feed", SOON, fail), Job("send due posts", SOON, work)], states)
        for loop in running:
            loop.join(20)
    assert not [loop.name for loop in running if loop.is_alive()]
    assert len(seen) == 5
    assert all(now.tzinfo for now in seen)
    assert states["send due posts"].failures == 0
    assert states["read the feed"].failures == states["read the feed"].runs >= 1
    assert "nonsense" in states["read the feed"].error
    assert "read the feed" in caplog.text


def test_a_slow_job_holds_up_no_other(stopping) -> None:
    release, done = threading.Event(), threading.Event()
    jobs = [Job("slow", SOON, lambda *, now: release.wait(20)), Job("quick", SOON, lambda *, now: done.set())]
    running = loops.start(jobs, {})
    assert done.wait(20)
    assert running[0].state.running_since
    stopping.set()
    release.set()
    for loop in running:
        loop.join(20)


def test_a_job_that_keeps_failing_is_tried_less_often_until_it_works_again() -> None:
    broken = [True]

    def run(*, now: datetime) -> None:
        if broken[0]:
            raise OSError("down")

    loop = loops.Loop(Job("poll", timedelta(seconds=1), run), JobState())
    pauses = []
    for _turn in range(6):
        loop.turn()
        pauses.append(loop.pause())
    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(seconds=1)
    assert pauses[-1] == loops.LONGEST_PAUSE
    broken[0] = False
    loop.turn()
    assert loop.pause() == timedelta(seconds=1)
    assert loop.state.error == ""


def test_a_rare_job_is_not_tried_more_often_because_it_fails() -> None:
    loop = loops.Loop(Job("nightly", timedelta(hours=24), fail), JobState())
    loop.turn()
    assert loop.pause() == timedelta(hours=24)


def test_every_stage_declares_jobs_that_can_be_called_and_each_in_one_process() -> None:
    names = [job.name for group in ("worker", "ingest") for job in registry.jobs(group)]
    assert len(names) == len(set(names))
    for job in registry.jobs("worker") + registry.jobs("ingest"):
        assert callable(job.run)
        assert job.every > timedelta(0)


def test_a_heartbeat_is_read_as_it_was_written_and_grows_old(tmp_path) -> None:
    now = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
    beat = Heartbeat(
        "worker", 12, now.isoformat(), now.isoformat(), {"send": JobState(runs=3, error="сеть молчит")}
    )
    beat.write(tmp_path)
    assert heartbeats(tmp_path) == {"worker": beat}
    assert silent(tmp_path, now) == ["web", "ingest"]
    assert silent(tmp_path, now + timedelta(minutes=1)) == ["web", "worker", "ingest"]


def test_a_damaged_heartbeat_is_silence(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "web.json").write_text('{"name": "web"')
    assert "web" in silent(tmp_path, datetime.now(UTC))


def test_a_heartbeat_is_never_read_by_halves(tmp_path) -> None:
    now = datetime(2026, 11, 17, 10, 0, tzinfo=UTC).isoformat()
    states = {f"job {number}": JobState() for number in range(200)}
    end = time.monotonic() + 0.5

    def write() -> None:
        while time.monotonic() < end:
            Heartbeat("web", 1, now, now, states).write(tmp_path)

    Heartbeat("web", 1, now, now, states).write(tmp_path)
    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert len(heartbeats(tmp_path)["web"].jobs) == 200
    writer.join()
