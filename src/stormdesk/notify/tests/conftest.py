"""A real HTTP server that keeps what it is sent, as the services that people are reached by would get it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


@dataclass
class Hook:
    """`got`: (method, path, headers, body). `answers`: (status, headers) to give next, then 200."""

    url: str = ""
    got: list[tuple[str, str, Any, bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def said(self) -> dict:
        """The last body as JSON."""
        return json.loads(self.got[-1][3])


@pytest.fixture
def hook(monkeypatch):
    caught = Hook()

    class Handler(BaseHTTPRequestHandler):
        def _take(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            caught.got.append((self.command, self.path, self.headers, body))
            status, headers = caught.answers.pop(0) if caught.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_POST = do_PUT = _take

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STORMDESK_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    caught.url = f"http://127.0.0.1:{server.server_port}"
    yield caught
    server.shutdown()
