"""Takes a file of posts into the database with their own times, without re-enacting time."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from stormdesk.cli.replay import add_file_arguments, take
from stormdesk.core.clock import utcnow
from stormdesk.core.errors import Conflict

if TYPE_CHECKING:
    from stormdesk.listen.files import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk import`."""
    add_file_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Import; the last line of output is one JSON object. What happened long ago raises no alerts of its own: they
    are counted when the past is scored in the end."""

    def work(reader: Reader, options: dict[str, Any]) -> tuple[Any, int]:
        from stormdesk.detect.actions import score_brand
        from stormdesk.listen.actions.importing import import_file

        brands = options["brands"]
        taken = import_file(reader=reader, brands=brands, now=utcnow)
        alerts = 0
        for brand, until in brands.lively():
            # A desk that runs beside us may be scoring the brand at this moment: then it is done there.
            with suppress(Conflict):
                alerts += len(score_brand(brand=brand, now=until))
        return taken, alerts

    return take(args, work)
