"""One file with everything: database, keys, uploads. Made while Stormdesk runs."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from gettext import gettext as _
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput, StormdeskError
from stormdesk.jobs.place import data_folder

# Raised when a reader of today could no longer restore a file of tomorrow.
FORMAT = 1
MANIFEST = "stormdesk-backup.json"
SQLITE = "stormdesk.sqlite3"
POSTGRES = "stormdesk.pgdump"
KEYS = "*.key"
UPLOADS = "media"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE: a tar archive, compressed when the name ends in gz."""
    parser.add_argument("file", metavar=_("FILE"), help=_("the file to write, as .tar or .tar.gz"))


def run(asked: argparse.Namespace) -> int:
    """Write the backup and say how large it is."""
    data, target = data_folder(asked.data), Path(asked.file)
    write(data, target)
    size = target.stat().st_size / 1_000_000
    print(
        _("{file}: {size:.1f} MB. It holds the keys too, so keep it where only you can read it.").format(
            file=target, size=size
        )
    )
    return 0


def write(data: Path, target: Path) -> None:
    """Write the backup of a data folder (and of DATABASE_URL's database) to `target`, readable by its owner only.

    The database is one consistent moment; uploads are copied after it, so that every upload it names is there.
    Raises StormdeskError, and leaves no half-written file behind.
    """
    if target.exists():
        raise BadInput(_("{file} exists already: choose another name.").format(file=target))
    if not target.parent.is_dir():
        raise BadInput(_("The folder {folder} does not exist: make it first.").format(folder=target.parent))
    # Beside the target, since the temporary folder of the system may be smaller than the database.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".stormdesk-backup-") as work:
        folder = Path(work)
        database = _postgres(folder) if os.environ.get("DATABASE_URL") else _sqlite(data, folder)
        uploads = [path for path in (data / UPLOADS).rglob("*") if path.is_file() and not path.is_symlink()]
        sources = {database.name: database}
        sources |= {path.relative_to(data).as_posix(): path for path in [*data.glob(KEYS), *sorted(uploads)]}
        manifest = {
            "format": FORMAT,
            "version": version("stormdesk"),
            "made": utcnow().isoformat(timespec="seconds"),
            "files": {name: digest(path) for name, path in sources.items()},
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
        finished = folder / "finished"
        finished.touch(0o600)
        with tarfile.open(finished, "w:gz" if target.name.endswith("gz") else "w") as archive:
            for name, path in {MANIFEST: folder / MANIFEST, **sources}.items():
                archive.add(path, name, recursive=False)
        with finished.open("rb") as written:
            os.fsync(written.fileno())
        finished.rename(target)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sqlite(data: Path, folder: Path) -> Path:
    source, copy = data / SQLITE, folder / SQLITE
    if not source.exists():
        raise BadInput(
            _("There is no database in {folder}: name the data folder with --data.").format(folder=data)
        )
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)) as old,
        closing(sqlite3.connect(copy)) as new,
    ):
        # In one step: in WAL mode this reads one moment and holds up no writer.
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")
        found = new.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise StormdeskError(
            _("The database is damaged ({reason}); no backup was written. Keep your earlier ones.").format(
                reason=found
            )
        )
    return copy


def _postgres(folder: Path) -> Path:
    copy = folder / POSTGRES
    postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    return copy


def postgres(program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs on DATABASE_URL's database; returns what it printed. Raises StormdeskError."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    # In the environment, because anybody on the machine may read the arguments of a program.
    where = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    environment = os.environ | {key: value for key, value in where.items() if value}
    try:
        done = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise StormdeskError(
            _(
                "{program} is needed for a PostgreSQL database and is not installed "
                "(Debian: apt install postgresql-client)."
            ).format(program=program)
        ) from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [_("no reason given")])[0]
        raise StormdeskError(_("{program} failed: {reason}").format(program=program, reason=reason))
    return done.stdout
