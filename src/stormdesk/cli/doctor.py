"""Checks an installation: each check is one line, with what to do where something is wrong."""

from __future__ import annotations

import argparse
import ctypes.util
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import gettext as _
from pathlib import Path

from stormdesk.core.clock import utcnow
from stormdesk.core.jobs import PROCESSES, SILENT_AFTER, heartbeats
from stormdesk.jobs import place, trouble

LITTLE_SPACE = 1_000_000_000
# Entries the journal is checked on: enough to find a careless hand, few enough to be quick. All: verify-journal.
LAST_ENTRIES = 1000
# A job that has run for this long hangs: none of ours takes minutes.
HANGS_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """What one check found. `remedy` is empty when all is well."""

    subject: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        if not self.remedy:
            return _("ok       {subject}: {found}").format(subject=self.subject, found=self.found)
        return _("PROBLEM  {subject}: {found}. {remedy}").format(
            subject=self.subject, found=self.found, remedy=self.remedy
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but the data folder."""


def run(asked: argparse.Namespace) -> int:
    """Print a line per check; 1 when something is wrong."""
    findings = examine(place.data_folder(asked.data), now=utcnow())
    for finding in findings:
        print(finding)
    return 1 if any(finding.remedy for finding in findings) else 0


def examine(data: Path, *, now: datetime) -> list[Finding]:
    """All findings about the installation in `data`, in the order a person would look."""
    findings = [python(), *folder(data), *keys(data), pango()]
    if all(not finding.remedy for finding in findings[1:2]):
        findings += database(now)
    return findings + processes(data, now)


def python() -> Finding:
    return Finding("Python", ".".join(map(str, sys.version_info[:3])))


def folder(data: Path) -> list[Finding]:
    subject = _("data folder")
    if not data.exists():
        return [
            Finding(
                subject,
                _("{folder} does not exist").format(folder=data),
                _("Start `stormdesk up`, or name the folder with --data."),
            )
        ]
    try:
        place.claim_folder(data)
    except place.NoPlace as error:
        return [Finding(subject, _("cannot be used"), str(error))]
    free = shutil.disk_usage(data).free
    space = _("{free:.1f} GB free").format(free=free / 1e9)
    if free < LITTLE_SPACE:
        return [
            Finding(subject, str(data)),
            Finding(_("disk"), space, _("Free some space, or move the data folder.")),
        ]
    return [Finding(subject, str(data)), Finding(_("disk"), space)]


def keys(data: Path) -> list[Finding]:
    findings = []
    for name in ("vault.key", "secret.key"):
        path = data / name
        if not path.exists():
            findings.append(
                Finding(
                    name,
                    _("missing"),
                    _(
                        "Put it back from a backup; without vault.key connected accounts cannot be used. A first start makes new ones."
                    ),
                )
            )
        elif path.stat().st_mode & 0o077:
            findings.append(
                Finding(
                    name,
                    _("others on this machine can read it"),
                    _("Run: chmod 600 {file}").format(file=path),
                )
            )
        else:
            findings.append(Finding(name, _("there, and only its owner can read it")))
    return findings


def pango() -> Finding:
    missing = [name for name in ("pango-1.0", "pangoft2-1.0") if not ctypes.util.find_library(name)]
    if missing:
        return Finding(
            "PDF",
            _("{libraries} missing, so reviews cannot be exported to PDF").format(
                libraries=", ".join(missing)
            ),
            _("Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"),
        )
    return Finding("PDF", _("its libraries are there"))


def database(now: datetime) -> list[Finding]:
    """Reachable, migrated, journal sound, clock not behind what it has already written."""
    subject = _("database")
    try:
        from stormdesk.cli.main import use_database

        use_database()
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return [
                Finding(
                    subject,
                    _("{count} changes of its tables are waiting").format(count=len(waiting)),
                    _("Start `stormdesk up`, which makes them."),
                )
            ]
        return [
            Finding(subject, f"{connection.display_name}, {_('reachable and up to date')}"),
            journal(),
            clock(now),
        ]
    except Exception as error:
        words = trouble.sentence(error) or f"{type(error).__name__}: {error}"
        return [Finding(subject, _("cannot be used"), words)]


def journal() -> Finding:
    from stormdesk.journal.models import Entry
    from stormdesk.journal.queries import link_of
    from stormdesk.journal.rules import digest

    subject = _("journal")
    entries = list(Entry.objects.order_by("-pk")[:LAST_ENTRIES])
    altered = [entry for entry in entries if digest(link_of(entry), entry.previous_hash) != entry.hash]
    if altered:
        return Finding(
            subject,
            _("{count} of its last {checked} entries were altered").format(
                count=len(altered), checked=len(entries)
            ),
            _("Run `stormdesk verify-journal`, which names them, and compare with a backup."),
        )
    return Finding(subject, _("its last {checked} entries are unaltered").format(checked=len(entries)))


def clock(now: datetime) -> Finding:
    from stormdesk.journal.models import Entry

    subject, shown = _("clock"), f"{now:%Y-%m-%d %H:%M} UTC"
    last = Entry.objects.order_by("-at").values_list("at", flat=True).first()
    if last and last > now + timedelta(minutes=2):
        return Finding(
            subject,
            _("{now} is earlier than the journal's last entry, {last}").format(
                now=shown, last=f"{last:%Y-%m-%d %H:%M}"
            ),
            _("Set the clock of this machine (timedatectl set-ntp true): posts go out by it."),
        )
    return Finding(subject, shown)


def processes(data: Path, now: datetime) -> list[Finding]:
    beats = heartbeats(data)
    lock = _running(data)
    if not lock:
        return [Finding(_("processes"), _("Stormdesk is not running here"))]
    findings = []
    for name in PROCESSES:
        beat = beats.get(name)
        if beat is None or beat.age(now) > SILENT_AFTER:
            findings.append(
                Finding(
                    name, _("silent"), _("Stop Stormdesk and start it again; the reason stands in its log.")
                )
            )
            continue
        findings.append(Finding(name, _("alive, process {pid}").format(pid=beat.pid)))
        for job, state in beat.jobs.items():
            if state.failed_in_a_row:
                findings.append(
                    Finding(
                        job,
                        _("has failed {count} times in a row").format(count=state.failed_in_a_row),
                        state.error,
                    )
                )
            elif state.running_since and now - datetime.fromisoformat(state.running_since) > HANGS_AFTER:
                findings.append(
                    Finding(
                        job,
                        _("hangs since {when}").format(when=state.running_since),
                        _("Stop Stormdesk and start it again."),
                    )
                )
    return findings


def _running(data: Path) -> bool:
    try:
        place.lock(data).close()
    except place.NoPlace:
        return True
    except OSError:
        return False
    return False
