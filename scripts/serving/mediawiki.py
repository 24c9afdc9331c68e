"""MediaWiki on PHP's own web server with SQLite: a wiki whose recent changes come as Atom."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
import urllib.request

from serving.debian import unpack
from serving.php import lay_out
from serving.processes import Processes, Unavailable, free_port, wait_until

# Unpacked and not installed: Debian's package brings a web server along, and that would take port 80.
SUITES: dict[str, str] = {}
PASSWORD = "test-only-pass-1"
MORE = """
$wgRateLimits = []; $wgMainCacheType = CACHE_NONE; $wgEnableUploads = false; $wgJobRunRate = 0; $wgFeedCacheTimeout = 0;
$wgCacheDirectory = '{cache}'; $wgLocalisationCacheConf['store'] = 'array';
"""


def start(processes: Processes) -> dict[str, str]:
    """Start it with an administrator `admin`; anybody may edit."""
    if not shutil.which("php"):
        raise Unavailable("the program php is missing (see debian-packages)")
    source = unpack("mediawiki", suites=SUITES) / "usr/share/mediawiki"
    classes = unpack("mediawiki-classes", suites=SUITES) / "usr/share/mediawiki"
    home, host = processes.folder / "mediawiki", f"127.0.0.1:{free_port()}"
    home.mkdir()
    wiki = home / "wiki"
    lay_out(source, wiki, "LocalSettings.php", "extensions-core")
    lay_out(classes, wiki)
    made = subprocess.run(
        ["php", "maintenance/install.php", "--dbtype", "sqlite", "--dbname", "wiki", "--dbpath", str(home / "db"),
         "--scriptpath", "", "--server", f"http://{host}", "--pass", PASSWORD, "--lang", "en", "Wiki", "admin"],
        cwd=wiki, capture_output=True, text=True, check=False,
    )  # fmt: skip
    settings = wiki / "LocalSettings.php"
    if made.returncode or not settings.exists():
        said = (made.stderr or made.stdout).strip().splitlines() or ["no message"]
        raise Unavailable(f"MediaWiki could not be set up: {said[-1][:200]}")
    with settings.open("a") as file:
        file.write(MORE.format(cache=home / "cache"))
    processes.start(
        "mediawiki-php", "env", "PHP_CLI_SERVER_WORKERS=3", "php", "-S", host, "-t", str(wiki)
    )  # fmt: skip
    url = f"http://{host}"
    wait_until(lambda: _answers(f"{url}/api.php?action=query&meta=siteinfo&format=json"), url, seconds=60)
    return {"STORMDESK_TEST_MEDIAWIKI_URL": url, "STORMDESK_TEST_MEDIAWIKI_PASSWORD": PASSWORD}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
