"""Run the whole product on this machine: web, worker and ingest."""

from __future__ import annotations

import argparse
import os
from gettext import gettext as _

from stormdesk.jobs import supervisor
from stormdesk.jobs.place import data_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--host` and `--port` win over STORMDESK_HOST and STORMDESK_PORT."""
    parser.add_argument(
        "--host",
        default=os.environ.get("STORMDESK_HOST", "127.0.0.1"),
        help=_("address to listen on (default: %(default)s)"),
    )
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("STORMDESK_PORT", "8080"),
        help=_("port to listen on; 0 takes any free one (default: %(default)s)"),
    )


def run(asked: argparse.Namespace) -> int:
    """Run until Ctrl-C."""
    return supervisor.up(host=asked.host, port=asked.port, data=data_folder(asked.data))
