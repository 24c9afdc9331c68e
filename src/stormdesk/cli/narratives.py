"""Find which posts copy which, and which tell one story: reads posts from standard input, one JSON object a line, in order of time."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from gettext import gettext as _
from itertools import islice

# One thread: on a busy machine several wait for each other longer than they work. Numpy reads this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from stormdesk.cli.understand import identity, json_lines, place, required, write_json
from stormdesk.core.errors import BadInput
from stormdesk.understand.narrative import STORIES, Allowance, NarrativeIndex

_BATCH = 500
_ALLOWANCE = Allowance(at_once=1_000, share=0.01)
"""Texts that the sentence encoder reads in a long stream: enough for a storm, little enough to keep pace."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk narratives`."""
    parser.add_argument(
        "--hours",
        type=float,
        default=72,
        help=_("how long a post is remembered, in hours (72 when not given)"),
    )
    parser.add_argument(
        "--copies", action="store_true", help=_("find copies alone, not stories in other words")
    )
    parser.add_argument(
        "--thorough",
        action="store_true",
        help=_("let the sentence encoder read every post that may tell a known story, however long it takes"),
    )


def run(args: argparse.Namespace) -> int:
    """Read standard input to its end in bounded memory; 2 and one sentence when a line cannot be read."""
    index = NarrativeIndex(
        hours=args.hours,
        stories=0 if args.copies else STORIES,
        allowance=None if args.thorough else _ALLOWANCE,
    )
    posts = _posts(json_lines(sys.stdin.buffer))
    trouble: BadInput | None = None
    while trouble is None:
        batch: list[tuple[str, str, datetime | float]] = []
        try:
            for post in islice(posts, _BATCH):
                batch.append(post)
        except BadInput as error:
            # What came before the bad line is still answered.
            trouble = error
        if not batch:
            break
        for (id, _text, _at), placed in zip(batch, index.add_all(batch), strict=True):
            copied = None if placed.copy_of is None else json.loads(placed.copy_of)
            write_json({"id": json.loads(id), "copy_of": copied, "narrative": json.loads(placed.narrative)})
        sys.stdout.flush()
    if trouble is not None:
        print(trouble, file=sys.stderr)
        return 2
    return 0


def _posts(lines: Iterator[tuple[int, dict[str, object]]]) -> Iterator[tuple[str, str, datetime | float]]:
    for number, found in lines:
        yield identity(found, number), required(found, "text", number), _moment(found.get("at"), number)


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
