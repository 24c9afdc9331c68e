"""Chromium, driven by the story tests; nothing runs until a test opens it."""

from __future__ import annotations

import shutil

from serving.processes import Processes, Unavailable


def start(processes: Processes) -> dict[str, str]:
    """Find the browser."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return {"STORMDESK_TEST_CHROMIUM": path}
    raise Unavailable("no Chromium is installed, and installing it needs root (Debian: apt install chromium)")
