"""A mailbox: pymap, read by IMAP, in a virtual environment of its own."""

from __future__ import annotations

import socket

from serving.processes import Processes, free_port, wait_until
from serving.python import environment

PACKAGE = "pymap==0.36.7"
USER, PASSWORD = "brand", "test-only"


def start(processes: Processes) -> dict[str, str]:
    """Start an IMAP server with one empty mailbox; its memory ends with it. SMTP servers are made by the tests."""
    python = environment(PACKAGE) / "bin" / "python"
    port = free_port()
    processes.start(
        "imap", str(python), "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
        "--no-tls", "--no-service", "admin", "--no-service", "managesieve",
        "dict", "--demo-user", USER, "--demo-password", PASSWORD,
    )  # fmt: skip
    wait_until(lambda: _greets(port), f"the IMAP server at port {port}")
    return {
        "STORMDESK_TEST_IMAP_PORT": str(port),
        "STORMDESK_TEST_IMAP_USER": USER,
        "STORMDESK_TEST_IMAP_PASSWORD": PASSWORD,
    }


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as wire:
            return wire.recv(4) == b"* OK"
    except OSError:
        return False
