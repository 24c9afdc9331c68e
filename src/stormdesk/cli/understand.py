"""Read posts from standard input, one JSON object a line, and write what they say."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from gettext import gettext as _
from itertools import islice
from typing import IO

from stormdesk.core.errors import BadInput
from stormdesk.understand import Text, read

_BATCH = 512
_LINE_LIMIT = 4_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk understand`."""
    parser.add_argument("--brand", help=_("the brand the posts are about, when a line names none"))
    parser.add_argument(
        "--path",
        choices=("full", "light"),
        default="full",
        help=_("full also uses the sentence encoder, where it is installed; light is several times faster"),
    )


def run(args: argparse.Namespace) -> int:
    """Read standard input to its end in constant memory; 2 and one sentence when a line cannot be read."""
    texts = _texts(json_lines(sys.stdin.buffer), args.brand)
    trouble: BadInput | None = None
    while trouble is None:
        batch: list[Text] = []
        try:
            for text in islice(texts, _BATCH):
                batch.append(text)
        except BadInput as error:
            # What came before the bad line is still answered.
            trouble = error
        if not batch:
            break
        for text, reading in zip(batch, read(batch, path=args.path), strict=True):
            write_json({"id": json.loads(text.id), **reading.as_dict()})
        sys.stdout.flush()
    if trouble is not None:
        print(trouble, file=sys.stderr)
        return 2
    return 0


def json_lines(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, object]]]:
    """Objects of a JSON Lines stream with their line numbers; empty lines are passed over. Raises BadInput."""
    number = 0
    while line := stream.readline(_LINE_LIMIT):
        number += 1
        if not line.strip():
            continue
        try:
            found = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BadInput(
                _(
                    "this is not a JSON object. Write one object in UTF-8 on each line and start again from this line."
                ),
                where=place(number),
            )
        yield number, found


def place(number: int) -> str:
    """How an error names a line of standard input."""
    return _("standard input, line {number}").format(number=number)


def identity(found: dict[str, object], number: int) -> str:
    """The post's id as JSON, so that numbers come back as numbers and texts as texts. Raises BadInput."""
    value = found.get("id")
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise BadInput(
            _(
                "the field “id” is missing or neither a text nor a number. Add it and start again from this line."
            ),
            where=place(number),
        )
    return json.dumps(value)


def required(found: dict[str, object], name: str, number: int) -> str:
    """A text field that must be there. Raises BadInput."""
    value = found.get(name)
    if not isinstance(value, str):
        raise BadInput(
            _("the field “{name}” is missing or not a text. Add it and start again from this line.").format(
                name=name
            ),
            where=place(number),
        )
    return value


def write_json(value: dict[str, object]) -> None:
    """One line of JSON to standard output; broken surrogates are escaped, so any text can be written."""
    try:
        line = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        line = json.dumps(value).encode()
    sys.stdout.buffer.write(line + b"\n")


def _texts(lines: Iterator[tuple[int, dict[str, object]]], brand: str | None) -> Iterator[Text]:
    for number, found in lines:
        optional: dict[str, str | None] = {}
        for name in ("brand", "author", "lang"):
            value = found.get(name)
            optional[name] = required(found, name, number) if value is not None else None
        yield Text(
            id=identity(found, number),
            text=required(found, "text", number),
            brand=optional["brand"] or brand,
            author=optional["author"],
            language=optional["lang"],
        )
