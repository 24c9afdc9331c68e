"""A mailbox: pymap, read by IMAP, in a virtual environment of its own."""

from __future__ import annotations

import socket
import subprocess

from serving.processes import Processes, Unavailable, free_port, wait_until
from serving.python import environment

PACKAGE = "pymap==0.36.7"
USER, PASSWORD = "brand", "test-only"


def start(processes: Processes) -> dict[str, str]:
    """Start an IMAP server with one empty mailbox; its memory ends with it. SMTP servers are made by the tests."""
    python = environment(PACKAGE) / "bin" / "python"
    port = free_port()
    certificate, key = processes.folder / "imap-certificate.pem", processes.folder / "imap-key.pem"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=IP:127.0.0.1"],
            capture_output=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"openssl made no certificate: {error}") from None
    processes.start(
        "imap", str(python), "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port),
        "--cert", str(certificate), "--key", str(key), "--no-service", "admin", "--no-service", "managesieve",
        "dict", "--demo-user", USER, "--demo-password", PASSWORD,
    )  # fmt: skip
    wait_until(lambda: _greets(port), f"the IMAP server at port {port}")
    return {
        "STORMDESK_TEST_IMAP_PORT": str(port),
        "STORMDESK_TEST_IMAP_USER": USER,
        "STORMDESK_TEST_IMAP_PASSWORD": PASSWORD,
        "STORMDESK_TEST_IMAP_CERTIFICATE": str(certificate),
        "STORMDESK_TEST_IMAP_KEY": str(key),
    }


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as wire:
            return wire.recv(4) == b"* OK"
    except OSError:
        return False
