"""Isso, a comment server with an Atom feed for each page."""

from __future__ import annotations

import urllib.error
import urllib.request

from serving.processes import Processes, free_port, wait_until
from serving.python import environment

PACKAGE = "isso==0.14.0"
SETTINGS = """
[general]
dbpath={folder}/comments.db
host=http://127.0.0.1:{port}/
latest-enabled=true
[server]
listen=http://127.0.0.1:{port}/
[rss]
base=http://127.0.0.1:{port}
[guard]
enabled=false
"""


def start(processes: Processes) -> dict[str, str]:
    """Start it with no guard against many comments at once, as tests write many."""
    python = environment(PACKAGE) / "bin" / "python"
    folder, port = processes.folder / "isso", free_port()
    folder.mkdir()
    (folder / "isso.cfg").write_text(SETTINGS.format(folder=folder, port=port))
    processes.start(
        "isso", str(python), "-c", "import isso; isso.main()", "-c", str(folder / "isso.cfg"), "run"
    )
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(f"{url}/latest?limit=1"), url)
    return {"STORMDESK_TEST_ISSO_URL": url}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        return error.code < 500  # no comments yet
    except (urllib.error.URLError, OSError):
        return False
