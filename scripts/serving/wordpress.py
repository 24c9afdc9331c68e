"""WordPress on PHP's own web server with a MariaDB of its own: a real site with feeds, comments and moderation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from serving.debian import unpack
from serving.php import lay_out
from serving.processes import Processes, Unavailable, free_port, wait_until

# Unpacked and not installed: Debian's package brings a web server along, and that would take port 80.
SUITES: dict[str, str] = {}
# Visitors may say where they come from, as behind a proxy: flood control is kept, and one test does not feel another's.
SETTINGS = """<?php
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp'); define('DB_HOST', '127.0.0.1:{database}');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_ENVIRONMENT_TYPE', 'local'); define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true); define('FS_METHOD', 'direct');
foreach (['AUTH_KEY','SECURE_AUTH_KEY','LOGGED_IN_KEY','NONCE_KEY','AUTH_SALT','SECURE_AUTH_SALT','LOGGED_IN_SALT',
  'NONCE_SALT'] as $name) define($name, 'test-only-' . $name);
if (isset($_SERVER['HTTP_X_VISITOR'])) $_SERVER['REMOTE_ADDR'] = $_SERVER['HTTP_X_VISITOR'];
$table_prefix = 'wp_'; if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
# A site east of Greenwich, so that a time taken for the wrong zone is noticed.
INSTALL = """
define('WP_INSTALLING', true); $_SERVER['HTTP_HOST'] = '{host}'; $_SERVER['REQUEST_URI'] = '/';
require 'wp-load.php'; require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Acme', 'admin', 'admin@mail.test', true, '', 'admin-pass-1');
update_option('siteurl', 'http://{host}'); update_option('home', 'http://{host}');
update_option('timezone_string', 'Europe/Moscow'); update_option('permalink_structure', '');
update_option('comment_registration', 0); update_option('posts_per_rss', 50);
update_option('moderation_notify', 0); update_option('comments_notify', 0);
$made = [];
foreach (['brand' => 'editor', 'writer' => 'contributor'] as $name => $role) {{
  $id = wp_insert_user(['user_login' => $name, 'user_pass' => $name . '-pass-1', 'role' => $role,
    'user_email' => $name . '@mail.test', 'display_name' => ucfirst($name)]);
  $made[$name] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'tests'])[0];
}}
echo json_encode($made);
"""


def start(processes: Processes) -> dict[str, str]:
    """Start it with an editor `brand` and a contributor `writer`; gives their application passwords as JSON."""
    source = unpack("wordpress", suites=SUITES) / "usr/share/wordpress"
    for program in ("mariadbd", "mysql_install_db", "mariadb", "php"):
        if not shutil.which(program):
            raise Unavailable(f"the program {program} is missing (see debian-packages)")
    database = _database(processes)
    site, host = processes.folder / "wordpress", f"127.0.0.1:{free_port()}"
    # Links into other packages lead nowhere here: fonts and scripts of the pages for people.
    lay_out(source, site, "wp-config.php")
    (site / "wp-config.php").write_text(SETTINGS.replace("{database}", str(database)))
    made = subprocess.run(
        ["php", "-d", "sendmail_path=/bin/true", "-r", INSTALL.format(host=host)],
        cwd=site, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        passwords = json.loads(made.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        said = (made.stderr or made.stdout).strip().splitlines() or ["no message"]
        raise Unavailable(f"WordPress could not be set up: {said[-1][:200]}") from None
    processes.start(
        "wordpress-php", "env", "PHP_CLI_SERVER_WORKERS=3", "php", "-d", "sendmail_path=/bin/true",
        "-S", host, "-t", str(site),
    )  # fmt: skip
    url = f"http://{host}"
    wait_until(lambda: _answers(f"{url}/?rest_route=/"), url)
    return {
        "STORMDESK_TEST_WORDPRESS_URL": url,
        "STORMDESK_TEST_WORDPRESS_PASSWORDS": json.dumps(passwords),
    }


def _database(processes: Processes) -> int:
    """Start MariaDB for this run alone; returns its port."""
    home, port = processes.folder / "wordpress-db", free_port()
    home.mkdir()
    data, socket = home / "data", home / "socket"
    # Nothing in it is worth protecting, and its own user comes only with a package that starts a service.
    user = ["--user=root"] if os.getuid() == 0 else []
    made = subprocess.run(
        ["mysql_install_db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
         f"--datadir={data}", *user],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    if made.returncode:
        said = (made.stderr or made.stdout).strip().splitlines() or ["no message"]
        raise Unavailable(f"MariaDB cannot run here: {said[-1][:200]}")
    processes.start(
        "wordpress-mariadb", "mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}",
        f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={home / 'pid'}",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--performance-schema=OFF", *user,
    )  # fmt: skip
    wait_until(lambda: _sql(socket, "select 1"), "MariaDB")
    _sql(
        socket,
        "create database wp; create user wp@'127.0.0.1' identified by 'wp'; grant all on wp.* to wp@'127.0.0.1'",
    )
    return port


def _sql(socket: Path, statements: str) -> bool:
    asked = ["mariadb", "--no-defaults", "-uroot", "-S", str(socket), "-e", statements]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
