"""Puts a backup in place; what was there before is kept beside it."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from gettext import gettext as _
from gzip import BadGzipFile
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from stormdesk.cli import backup
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput, Refused
from stormdesk.jobs import place, prepare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, and `--force` to replace what is there."""
    parser.add_argument("file", metavar=_("FILE"), help=_("a file that `stormdesk backup` wrote"))
    parser.add_argument(
        "--force",
        action="store_true",
        help=_("replace what is there; it is kept in before-restore-… in the data folder"),
    )


def run(asked: argparse.Namespace) -> int:
    """Restore and say what to do next."""
    data = place.data_folder(asked.data)
    kept = restore(data, Path(asked.file), force=asked.force)
    if kept:
        print(
            _("What was there before is in {folder}; delete it when you no longer need it.").format(
                folder=kept
            )
        )
    print(_("Restored. Start Stormdesk with `stormdesk up`."))
    return 0


def restore(data: Path, file: Path, *, force: bool = False) -> Path | None:
    """Replace the installation in `data` (and DATABASE_URL's database) by the backup.

    Returns the folder with what was replaced. Everything is read and checked before anything is touched.
    Raises BadInput for a file that is no sound backup, Refused when something is there and not `force`, NoPlace
    while Stormdesk runs.
    """
    if not file.is_file():
        raise BadInput(_("There is no such file; correct the name."), where=str(file))
    place.claim_folder(data)
    with place.lock(data), tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as work:
        new = Path(work)
        names = _unpack(file, new)
        in_postgres = backup.POSTGRES in names
        if in_postgres != bool(os.environ.get("DATABASE_URL")):
            raise BadInput(
                _("It holds a PostgreSQL database: set DATABASE_URL to the one to restore into.")
                if in_postgres
                else _("It holds an SQLite database: unset DATABASE_URL to restore it."),
                where=str(file),
            )
        present = _present(data)
        if (present or (in_postgres and _tables())) and not force:
            raise Refused(
                _(
                    "There is an installation in {folder} already: restore elsewhere with --data, or replace it with --force."
                ).format(folder=data)
            )
        if not in_postgres:
            _check_sqlite(new / backup.SQLITE, file)
        kept = data / f"before-restore-{utcnow():%Y%m%d-%H%M%S}"
        if present or in_postgres:
            kept.mkdir()
        if in_postgres:
            _into_postgres(new / backup.POSTGRES, kept)
        for path in present:
            path.rename(kept / path.name)
        for path in new.iterdir():
            if path.name not in (backup.MANIFEST, backup.POSTGRES):
                path.rename(data / path.name)
        prepare.forget(data)
        return kept if kept.exists() and any(kept.iterdir()) else None


def _present(data: Path) -> list[Path]:
    """What a restore would replace."""
    patterns = (f"{backup.SQLITE}*", backup.KEYS, backup.UPLOADS)
    return sorted(path for pattern in patterns for path in data.glob(pattern))


def _unpack(file: Path, folder: Path) -> set[str]:
    """Unpack and check against the manifest; returns the names. Nothing outside the manifest is written."""
    broken = _("It is not a backup that Stormdesk wrote, or it is cut short: use another.")
    try:
        with tarfile.open(file) as archive:
            first = archive.next()
            content = archive.extractfile(first) if first and first.name == backup.MANIFEST else None
            manifest = json.load(content) if content else {}
            names = manifest["files"]
            if manifest["format"] > backup.FORMAT:
                raise BadInput(
                    _(
                        "It was made by Stormdesk {theirs}, which is newer than this one ({ours}): update first."
                    ).format(theirs=manifest["version"], ours=version("stormdesk")),
                    where=str(file),
                )
            for member in archive:
                if member.name in names and member.isfile():
                    archive.extract(member, folder, filter="data")
            sound = all(backup.digest(folder / name) == known for name, known in names.items())
    except (tarfile.TarError, zlib.error, BadGzipFile, EOFError, FileNotFoundError):
        raise BadInput(broken, where=str(file)) from None
    except (ValueError, KeyError, TypeError, AttributeError):  # a manifest of another make
        raise BadInput(broken, where=str(file)) from None
    if not sound or not {backup.SQLITE, backup.POSTGRES} & set(names) or not all(map(_ours, names)):
        raise BadInput(broken, where=str(file))
    return set(names)


def _ours(name: str) -> bool:
    path = PurePosixPath(name)
    if path.parts[0] == backup.UPLOADS:
        return ".." not in path.parts
    return len(path.parts) == 1 and (path.match(backup.KEYS) or name in (backup.SQLITE, backup.POSTGRES))


def _check_sqlite(database: Path, file: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        try:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise BadInput(
            _("The database in it is damaged ({reason}): use another.").format(reason=found), where=str(file)
        )


def _tables() -> int:
    count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    return int(backup.postgres("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", count))


def _into_postgres(dump: Path, kept: Path) -> None:
    if _tables():
        backup.postgres(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={kept / backup.POSTGRES}"
        )
    # One transaction: either the whole backup is there afterwards, or what was there before.
    script = dump.with_suffix(".sql")
    backup.postgres("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    clear = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    backup.postgres(
        "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
        f"--command={clear}", f"--file={script}",
    )  # fmt: skip
    script.unlink()
