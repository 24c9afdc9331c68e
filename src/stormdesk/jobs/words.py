"""What the process tree says on a terminal, in the language of the terminal (LANGUAGE, LC_ALL, LANG)."""

from __future__ import annotations

import gettext as catalogues
import sys
from pathlib import Path

# The parent stays without Django, so these are the standard library's catalogues over the same files.
gettext = catalogues.translation("django", Path(__file__).parent / "locale", fallback=True).gettext


def say(sentence: str) -> None:
    """Tell the person at the terminal; standard output stays free for answers that programs read."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
