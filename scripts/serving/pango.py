"""Pango, which lays out the text of PDF reviews: libraries only, nothing runs."""

from __future__ import annotations

import ctypes.util

from serving.processes import Processes, Unavailable


def start(processes: Processes) -> dict[str, str]:
    """See that the libraries can be found."""
    for library in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"):
        if not ctypes.util.find_library(library):
            raise Unavailable(
                f"the library {library} is missing, and installing it needs root; PDF cannot be made"
            )
    return {}
