"""Makes the database ready before the tree starts, and knows when there is nothing to do."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def needed(data: Path) -> bool:
    """Whether the database must be looked at before a start: something changed, or nobody has signed up yet."""
    if not os.environ.get("DATABASE_URL") and not (data / "stormdesk.sqlite3").exists():
        return True
    try:
        stamp = json.loads(_stamp(data).read_text())
    except (OSError, ValueError):
        return True
    return stamp != {"prepared": _fingerprint(), "owner": True}


def forget(data: Path) -> None:
    """Have the next start look at the database again, whatever it finds."""
    _stamp(data).unlink(missing_ok=True)


def _stamp(data: Path) -> Path:
    return data / "run" / "prepared.json"


def _fingerprint() -> str:
    """Changes with every migration of ours, with the packages that bring migrations, and with the database."""
    parts = [f"{name} {version(name)}" for name in ("stormdesk", "django", "django-allauth")]
    parts += sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.glob("*/migrations/*.py"))
    parts.append(os.environ.get("DATABASE_URL", ""))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def prepare(data: Path) -> dict[str, str | None]:
    """Apply migrations; returns {"owner_link": path of the page that makes the first owner, or None}.

    Raises what the database raises; `trouble.sentence` has words for it. Needs Django.
    """
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from stormdesk.core.clock import utcnow
    from stormdesk.people.actions import owner_link

    link = owner_link(now=utcnow())
    _stamp(data).write_text(json.dumps({"prepared": _fingerprint(), "owner": link is None}))
    return {"owner_link": link}
