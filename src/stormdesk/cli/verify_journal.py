"""Checks the hash chains of the journal, in the database or in an exported file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import datetime
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormdesk.core.errors import BadInput

if TYPE_CHECKING:
    from stormdesk.journal.rules import Fault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk verify-journal`."""
    parser.add_argument(
        "file",
        nargs="?",
        metavar=_("FILE.jsonl"),
        help=_("an exported chain; without it, every chain of the database"),
    )


def run(asked: argparse.Namespace) -> int:
    """Print a line per chain; 1 when one was altered."""
    chains = _in_file(Path(asked.file)) if asked.file else _in_database()
    broken = False
    for name, entries, faults in chains:
        broken = broken or bool(faults)
        if not faults:
            print(_("ok       {chain}: {entries} entries").format(chain=name, entries=entries))
        for fault in faults:
            what = _("missing") if fault.what == "missing" else _("altered")
            print(
                _("ALTERED  {chain}: entry {entry} is {what}").format(
                    chain=name, entry=fault.sequence, what=what
                )
            )
    return 1 if broken else 0


def _in_database() -> Iterator[tuple[str, int, list[Fault]]]:
    from stormdesk.journal.models import Entry
    from stormdesk.journal.queries import verify_all
    from stormdesk.people.models import Brand

    for slug, faults in verify_all().items():
        brand = Brand.objects.filter(slug=slug).first() if slug else None
        yield slug or _("the installation"), Entry.objects.filter(brand=brand).count(), faults


def _in_file(path: Path) -> Iterator[tuple[str, int, list[Fault]]]:
    chains: dict[int, list[dict[str, Any]]] = {}
    for entry in _entries(path):
        chains.setdefault(entry["chain"], []).append(entry)
    if not chains:
        raise BadInput(_("{file} holds no entries of a journal.").format(file=path))
    for chain, entries in chains.items():
        name = _("chain {number}").format(number=chain) if chain else _("the installation")
        yield name, len(entries), list(_faults(chain, entries))


def _faults(chain: int, entries: list[dict[str, Any]]) -> Iterator[Fault]:
    """As docs/reference/journal.md says. The record of one crisis is a part of its chain: there, gaps are no fault."""
    from stormdesk.journal.rules import START, Fault, Link, digest

    is_part = len({entry["crisis"] for entry in entries}) == 1 and entries[0]["crisis"] is not None
    sequence, previous = 0, START
    for entry in entries:
        follows = entry["sequence"] == sequence + 1
        if not follows and not is_part:
            yield Fault(chain, sequence + 1, "missing")
        body = {name: entry[name] for name in Link.__dataclass_fields__}
        own = digest(Link(**{**body, "at": datetime.fromisoformat(entry["at"])}), entry["previous_hash"])
        if own != entry["hash"] or (follows and entry["previous_hash"] != previous):
            yield Fault(chain, entry["sequence"], "altered")
        sequence, previous = entry["sequence"], entry["hash"]


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").split("\n")  # a line separator of Unicode may stand in a fact
    except FileNotFoundError:
        raise BadInput(_("There is no file {file}.").format(file=path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(_("{file} cannot be read: {error}").format(file=path, error=error)) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            known = isinstance(entry["sequence"], int) and isinstance(entry["facts"], dict)
            datetime.fromisoformat(entry["at"])
            complete = {
                "chain",
                "kind",
                "by",
                "by_name",
                "subject",
                "crisis",
                "previous_hash",
                "hash",
            } <= set(entry)
        except (ValueError, KeyError, TypeError):
            known = complete = False
        if not (known and complete):
            raise BadInput(
                _("{file}:{line}: this is not an entry of an exported journal.").format(
                    file=path, line=number
                )
            )
        yield entry
