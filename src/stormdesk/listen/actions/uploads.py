"""Files of posts that people bring through the page: kept, mapped, read by the listening process, removed."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput, Conflict
from stormdesk.core.jobs import stopping
from stormdesk.journal.actions import announce, record
from stormdesk.listen.actions.importing import Brands, Taken, import_file
from stormdesk.listen.files import Mapping, Reader, columns_of, guess
from stormdesk.listen.models import Import, Source
from stormdesk.listen.rules import ImportState
from stormdesk.people.access import require
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right

LARGEST = 500 * 1024 * 1024
_CLAIM = timedelta(minutes=2)


def bring_file(*, brand: Brand, by: User, now: datetime, file: UploadedFile) -> Import:
    """Keep an uploaded file and guess its columns; nothing is read in before a person agrees. Raises AccessDenied,
    BadInput."""
    require(by, Right.SETTINGS, brand)
    name = Path(file.name or "posts").name[:200]
    if (file.size or 0) > LARGEST:
        raise BadInput(_("The file is larger than 500 MB. Use the command “stormdesk import” on the server."))
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    try:
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        columns, _rows = columns_of(path)
        with transaction.atomic():
            source, _new = Source.objects.get_or_create(
                brand=brand,
                network="import",
                kind="import",
                name=name[:120],
                defaults={"added_at": now, "poll_every": 0, "speaks_every": 0},
            )
            return Import.objects.create(
                brand=brand,
                source=source,
                name=name,
                path=str(path),
                size=file.size or 0,
                mapping=guess(columns).as_dict(),
                started_by=by,
                started_at=now,
            )
    except Exception:
        path.unlink(missing_ok=True)
        raise


def start_import(
    *, brought: Import, by: User, now: datetime, mapping: Mapping, network: str = "import"
) -> None:
    """Agree to the columns; the listening process reads the file. Raises AccessDenied, Conflict."""
    require(by, Right.SETTINGS, brought.brand)
    with transaction.atomic():
        source, _new = Source.objects.get_or_create(
            brand=brought.brand,
            network=network,
            kind="import",
            name=brought.name[:120],
            defaults={"added_at": now, "poll_every": 0, "speaks_every": 0},
        )
        rows = Import.objects.filter(pk=brought.pk, state=ImportState.MAPPING)
        if not rows.update(state=ImportState.WAITING, mapping=mapping.as_dict(), source=source):
            raise Conflict(_("This file is being read already."))
        record("import.started", brand=brought.brand, by=by, now=now, facts={"file": brought.name})


def read_imports(now: datetime) -> int:
    """Read one file that waits, or that a dead process left half read; returns how many mentions were new."""
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    brought = (
        Import.objects.filter(unclaimed, state__in=[ImportState.WAITING, ImportState.READING])
        .select_related("brand", "source")
        .order_by("pk")
        .first()
    )
    if brought is None:
        return 0
    mine = Import.objects.filter(pk=brought.pk, claimed_until=brought.claimed_until, state=brought.state)
    if not mine.update(claimed_until=now + _CLAIM, state=ImportState.READING):
        return 0
    before = Taken(brought.read, brought.stored, brought.duplicates, brought.refused)
    after_line = int(brought.mapping.get("line", 0))

    def progress(taken: Taken) -> bool:
        _note(brought, before, taken, utcnow())
        return not stopping.is_set()

    # What is wrong with the file is kept for whoever looks at it later: in the brand's language, not the process's.
    with translation.override(brought.brand.language):
        try:
            reader = Reader(
                Path(brought.path), Mapping.from_dict(_columns(brought)), network=brought.source.network
            )
            brands = Brands(file=brought.name, network=brought.source.network, now=now, brand=brought.brand)
            taken = import_file(
                reader=reader, brands=brands, now=utcnow, after_line=after_line, progress=progress
            )
        except (BadInput, OSError) as error:
            _end(brought, ImportState.FAILED, utcnow(), problem=str(error))
            return 0
    _note(brought, before, taken, utcnow())
    if not stopping.is_set():
        _end(brought, ImportState.DONE, utcnow())
    return taken.stored


def _columns(brought: Import) -> dict[str, str]:
    return {name: value for name, value in brought.mapping.items() if name != "line"}


def _note(brought: Import, before: Taken, taken: Taken, now: datetime) -> None:
    """How far it got; a process that goes on after a kill begins behind this line."""
    Import.objects.filter(pk=brought.pk).update(
        read=before.read + taken.read,
        stored=before.stored + taken.stored,
        duplicates=before.duplicates + taken.duplicates,
        refused=before.refused + taken.refused,
        refusals=(brought.refusals + [list(refusal) for refusal in taken.refusals])[:100],
        mapping={**_columns(brought), "line": taken.line},
        claimed_until=now + _CLAIM,
    )
    announce(brought.brand, "sources", now=now)


def _end(brought: Import, state: ImportState, now: datetime, problem: str = "") -> None:
    with transaction.atomic():
        Import.objects.filter(pk=brought.pk).update(
            state=state, finished_at=now, claimed_until=None, problem=problem[:500]
        )
        brought.refresh_from_db()
        facts = {"file": brought.name, "stored": brought.stored, "duplicates": brought.duplicates,
                 "refused": brought.refused, "why": problem[:300]}  # fmt: skip
        kind = "import.done" if state == ImportState.DONE else "import.failed"
        record(kind, brand=brought.brand, by=None, now=now, facts=facts)
    if state == ImportState.DONE:
        Path(brought.path).unlink(missing_ok=True)
