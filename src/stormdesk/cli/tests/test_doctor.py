"""The doctor finds what is wrong with an installation and says what to do about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from stormdesk.cli import doctor
from stormdesk.core.jobs import Heartbeat, JobState
from stormdesk.jobs import place


def problems(findings: list[doctor.Finding]) -> dict[str, doctor.Finding]:
    return {finding.subject: finding for finding in findings if finding.remedy}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    place.claim_folder(folder)
    for name in ("vault.key", "secret.key"):
        (folder / name).touch(0o600)
    return folder


@pytest.mark.django_db
def test_a_sound_installation_has_no_problem(data: Path, now) -> None:
    found = doctor.examine(data, now=now)
    assert problems(found) == {}
    assert {"Python", "database", "journal", "clock", "PDF"} <= {finding.subject for finding in found}


@pytest.mark.django_db
def test_an_altered_journal_and_a_clock_that_is_behind_are_found(data: Path, now) -> None:
    from stormdesk.journal.models import Entry

    Entry.objects.create(sequence=1, at=now, kind="pause.started", previous_hash="0" * 64, hash="f" * 64)
    found = problems(doctor.examine(data, now=now - timedelta(hours=3)))
    assert set(found) == {"journal", "clock"}
    assert "verify-journal" in found["journal"].remedy
    assert "2026-11-17 10:00" in found["clock"].found


def test_keys_that_are_missing_or_open_to_all_are_named(data: Path) -> None:
    (data / "vault.key").unlink()
    (data / "secret.key").chmod(0o644)
    found = problems(doctor.keys(data))
    assert "backup" in found["vault.key"].remedy
    assert f"chmod 600 {data / 'secret.key'}" in found["secret.key"].remedy


def test_silent_processes_and_jobs_that_fail_or_hang_are_named(data: Path, now) -> None:
    moment, past = now.isoformat(), (now - timedelta(minutes=20)).isoformat()
    jobs = {
        "send due posts": JobState(runs=9),
        "read the feeds": JobState(runs=9, failures=4, failed_in_a_row=4, error="the feed answers 500"),
        "look at the plan": JobState(running_since=past),
    }
    Heartbeat("web", 11, past, moment).write(data)
    Heartbeat("worker", 12, past, moment, jobs).write(data)
    Heartbeat("ingest", 13, past, past).write(data)
    assert problems(doctor.processes(data, now)) == {}  # nothing runs, so nothing is silent

    with place.lock(data):
        found = problems(doctor.processes(data, now))

    assert set(found) == {"ingest", "read the feeds", "look at the plan"}
    assert "4" in found["read the feeds"].found
    assert found["read the feeds"].remedy == "the feed answers 500"
