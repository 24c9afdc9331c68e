"""Turns what databases, disks and settings throw into a sentence for the person who runs Stormdesk."""

from __future__ import annotations

import errno

from stormdesk.core.errors import StormdeskError
from stormdesk.jobs.words import gettext as _


def sentence(error: BaseException) -> str | None:
    """What happened and what to do, or None when it is a defect of ours and the traceback is wanted."""
    if isinstance(error, StormdeskError):
        return str(error)
    if isinstance(error, OSError):
        return _of_disk(error)
    # By name: neither Django nor pydantic is imported just to look at an error.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "ImproperlyConfigured" in kinds and "psycopg" in str(error):
        return _(
            "PostgreSQL is set as the database, but its driver is missing: pip install 'stormdesk[postgres]'."
        )
    if "ValidationError" in kinds and hasattr(error, "errors"):
        return _of_settings(error)
    if kinds & {"DatabaseError", "OperationalError", "InterfaceError"}:
        return _of_database(error)
    return None


def _of_disk(error: OSError) -> str | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full: free some space, then try again. Nothing that was stored is lost.")
    if error.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR) and error.filename:
        return _("{file} cannot be opened ({reason}): correct the name.").format(
            file=error.filename, reason=error.strerror
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        return _("{file} cannot be written or read ({reason}): change its owner or its rights.").format(
            file=error.filename, reason=error.strerror
        )
    return None


def _of_settings(error: BaseException) -> str:
    first = error.errors()[0]  # type: ignore[attr-defined]  # pydantic's, see above
    variable = "_".join(str(part) for part in first["loc"]).upper()
    if not variable.startswith(("STORMDESK_", "DATABASE_URL")):
        variable = f"STORMDESK_{variable}"
    return _("The environment variable {variable} has a value that cannot be used: {reason}.").format(
        variable=variable, reason=first["msg"]
    )


def _of_database(error: BaseException) -> str | None:
    words = " ".join(str(error).split())
    low = words.lower()
    if "locked" in low:
        return _(
            "The database is held by another program for too long: close whatever else has it open, then try again."
        )
    if "disk is full" in low or "no space left" in low:
        return _(
            "The disk of the database is full: free some space, then try again. Nothing that was stored is lost."
        )
    if "not a database" in low or "malformed" in low:
        return _(
            "The database file is damaged ({reason}): restore a backup with `stormdesk restore FILE --force`."
        ).format(reason=words)
    if "readonly" in low or "unable to open" in low:
        return _(
            "The database file cannot be written: change the owner of the data folder, or choose another with --data."
        )
    if "no such table" in low or "no such column" in low or "relation" in low or "column" in low:
        return _(
            "The database is not prepared for this version ({reason}): start `stormdesk up` once, which does it."
        ).format(reason=words)
    if any(word in low for word in ("connect", "password", "authentication", "terminat", "does not exist")):
        return _(
            "The database cannot be reached ({reason}): see that it runs and that DATABASE_URL is right."
        ).format(reason=words)
    return None
