"""Find which posts copy which: reads posts from standard input, one JSON object a line, in order of time."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from gettext import gettext as _

from stormdesk.cli.understand import identity, json_lines, place, required, write_json
from stormdesk.core.errors import BadInput
from stormdesk.understand import NarrativeIndex

_FLUSH = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk narratives`."""
    parser.add_argument(
        "--hours",
        type=float,
        default=72,
        help=_("how long a post is remembered, in hours (72 when not given)"),
    )


def run(args: argparse.Namespace) -> int:
    """Read standard input to its end in bounded memory; 2 and one sentence when a line cannot be read."""
    index = NarrativeIndex(hours=args.hours)
    written = 0
    try:
        for number, found in json_lines(sys.stdin.buffer):
            id = identity(found, number)
            placed = index.add(id, required(found, "text", number), _moment(found.get("at"), number))
            copied = None if placed.copy_of is None else json.loads(placed.copy_of)
            write_json({"id": json.loads(id), "copy_of": copied, "narrative": json.loads(placed.narrative)})
            written += 1
            if written % _FLUSH == 0:
                sys.stdout.flush()
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        sys.stdout.flush()
    return 0


def _moment(value: object, number: int) -> datetime | float:
    """A time in ISO 8601, or seconds since 1970. Raises BadInput."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise BadInput(
        _("the field “at” is not a time. Write it as 2026-01-31T18:00:00Z and start again from this line."),
        where=place(number),
    )
