"""Sends a file of posts through the whole product, re-enacting time; `import` is the same without time."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput, Conflict

if TYPE_CHECKING:
    from stormdesk.listen.files import Reader
    from stormdesk.people.models import Brand

_SHOWN = 20
"""Refused lines that are named; the rest are counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk replay`."""
    add_file_arguments(parser)
    parser.add_argument(
        "--speed",
        default="max",
        help=_("how many times faster than life, such as 60; max (when not given): as fast as possible"),
    )


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """What `replay` and `import` have in common."""
    parser.add_argument(
        "file", metavar=_("FILE"), help=_("a CSV or JSON Lines file of posts, also packed with gzip")
    )
    parser.add_argument(
        "--brand",
        metavar=_("NAME"),
        help=_("the brand all posts are about; without it, the file's column of brands decides"),
    )
    parser.add_argument(
        "--map",
        default="",
        metavar=_("FIELD=COLUMN,…"),
        help=_(
            "which column holds what, where the guess from the names is wrong: text, time, author, name, id, url, "
            "language, followers, reach, in_reply_to, thread, brand; brand=handle lets the @name in the text decide "
            "before the column; zone=Europe/Moscow for times without a zone"
        ),
    )
    parser.add_argument(
        "--network", default="import", help=_("the network the posts come from (import when not given)")
    )


def run(args: argparse.Namespace) -> int:
    """Replay; the last line of output is one JSON object."""
    speed = _speed(args.speed)

    def work(reader: Reader, options: dict[str, Any]) -> tuple[Any, int]:
        from stormdesk.detect.actions import score_brand
        from stormdesk.listen.actions.importing import replay

        alerts = 0
        first: list[tuple[datetime, float]] = []

        def pace(at: datetime) -> None:
            if not speed:
                return
            first.append((at, time.monotonic()))
            due = first[0][1] + (at - first[0][0]).total_seconds() / speed
            time.sleep(max(0.0, due - time.monotonic()))

        def closed(brands: list[Brand], at: datetime) -> None:
            nonlocal alerts
            for brand in brands:
                # A desk that runs beside us may be scoring the brand at this moment: then it is done there.
                with suppress(Conflict):
                    alerts += len(score_brand(brand=brand, now=at))

        window = timedelta(minutes=5) if speed else None
        return replay(reader=reader, window=window, pace=pace, closed=closed, **options), alerts

    return take(args, work)


def _speed(given: str) -> float | None:
    if given == "max":
        return None
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1e6:
        raise BadInput(_("--speed must be a number such as 60, or max."))
    return speed


def take(args: argparse.Namespace, work: Callable[[Reader, dict[str, Any]], tuple[Any, int]]) -> int:
    """Open the file, do the work, name refused lines, and close with the line of JSON."""
    from django.conf import settings
    from django.utils.translation import gettext

    from stormdesk.jobs import prepare
    from stormdesk.listen.actions.importing import Brands
    from stormdesk.listen.files import Reader, columns_of, parse_map

    path = Path(args.file)
    try:
        columns, _rows = columns_of(path)
        mapping = parse_map(args.map, columns)
    except BadInput as error:
        raise BadInput(error, where=str(path)) from None
    if prepare.needed(settings.DATA):
        (settings.DATA / "run").mkdir(parents=True, exist_ok=True)
        prepare.prepare(settings.DATA)
    began = time.monotonic()
    now = utcnow()
    if not args.brand and not mapping.brand:
        raise BadInput(
            _("Nothing says which brand the posts are about. Add --brand NAME, or --map brand=COLUMN."),
            where=str(path),
        )
    brand = find_brand(args.brand, now) if args.brand else None
    reader = Reader(path, mapping, network=args.network)
    brands = Brands(
        file=path.name, network=args.network, now=now, brand=brand, find=lambda name: find_brand(name, now)
    )
    taken, alerts = work(reader, {"brands": brands})
    for line, message, facts in taken.refusals[:_SHOWN]:
        print(f"{path}:{line}: {gettext(message) % facts}", file=sys.stderr)
    if taken.refused > _SHOWN:
        print(_("… and {number} more").format(number=taken.refused - _SHOWN), file=sys.stderr)
    if quiet := brands.quiet():
        print(
            _("Too little is said for an early warning to be re-enacted: {names}.").format(
                names=", ".join(quiet)
            ),
            file=sys.stderr,
        )
    result = {
        "read": taken.read,
        "stored": taken.stored,
        "duplicates": taken.duplicates,
        "refused": taken.refused,
        "alerts": alerts,
        "seconds": round(time.monotonic() - began, 3),
    }
    print(json.dumps(result))
    return 0


def find_brand(name: str, now: datetime) -> Brand:
    """The brand of this name or address. One that is missing is made; it belongs to the server's administrator, or to
    nobody while there is none. Raises BadInput."""
    from stormdesk.people.actions import begin_brand, create_brand
    from stormdesk.people.models import Brand, User

    name = name.strip()
    # Compared here, since SQLite folds only Latin letters.
    known = [brand for brand in Brand.objects.all() if name.casefold() in (brand.name.casefold(), brand.slug)]
    if known:
        return known[0]
    owner = User.objects.filter(is_administrator=True, is_active=True).order_by("pk").first()
    return create_brand(by=owner, now=now, name=name) if owner else begin_brand(name)
