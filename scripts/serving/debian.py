"""Debian packages: which are missing, installing them, unpacking one beside the system."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from pathlib import Path

from serving.processes import Unavailable, log

LIST = Path(__file__).resolve().parent.parent / "debian-packages"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stormdesk-services"
# The test servers are started by hand; Debian's own main cluster would only take a port and memory.
CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")
APT = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=180", "-o", "Dpkg::Use-Pty=0"]
QUIET = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}


def needed(services: list[str]) -> list[tuple[str, str]]:
    """(file that shows it is there, packages) of the named services."""
    rows = [line.split(maxsplit=2) for line in LIST.read_text().splitlines() if line and line[0] != "#"]
    return [(shown_by, packages) for service, shown_by, packages in rows if service in services]


def missing(services: list[str]) -> list[str]:
    """Packages of the named services that are not on this machine."""
    return [
        name
        for shown_by, packages in needed(services)
        if not glob.glob(shown_by)
        for name in packages.split()
    ]


def install(packages: list[str]) -> None:
    """Install with apt; what cannot be installed is said and then missed by the service that needs it."""
    if not shutil.which("apt-get"):
        log(f"this is not Debian, so please install what gives: {', '.join(packages)}")
        return
    log(f"installing {', '.join(packages)}")
    if "postgresql" in packages and not CLUSTERS.exists():
        CLUSTERS.parent.mkdir(parents=True, exist_ok=True)
        CLUSTERS.write_text("create_main_cluster = false\n")
    for command in (
        [*APT, "update"],
        [
            *APT,
            "install",
            "-y",
            "--no-install-recommends",
            "-o",
            "Dpkg::Options::=--force-confold",
            *packages,
        ],
    ):
        done = subprocess.run(command, env=QUIET, capture_output=True, text=True, check=False)
        if done.returncode:
            log(f"`{' '.join(command[:1] + command[-1:])}` failed: {_last_line(done)}")
            return


def unpack(package: str, *, suites: dict[str, str]) -> Path:
    """Unpack a package that this Debian lacks, without touching the system; returns its folder.

    `suites` names the suite to take it from per Debian release; other releases take it from their own.
    """
    release = _release()
    suite = suites.get(release, release)
    target = CACHE / f"{package}-{suite}"
    if target.exists():
        return target
    if not shutil.which("apt-get") or not release:
        raise Unavailable(f"{package} is taken from Debian, and this is not Debian")
    work = CACHE / f"apt-{suite}-{os.getpid()}"
    for folder in ("lists/partial", "cache/archives/partial", "sources.d", "unpacked"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    keys = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
    (work / "sources.list").write_text(f"deb {keys} {_mirror(release)} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "sources.d",
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = [*APT, *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]
    try:
        _checked([*apt, "update"], work)
        _checked([*apt, "download", package], work)
        archive = next(work.glob(f"{package}_*.deb"))
        _checked(["dpkg-deb", "-x", str(archive), str(work / "unpacked")], work)
        try:
            (work / "unpacked").rename(target)
        except OSError:  # another run unpacked it in the meantime
            if not target.exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _checked(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, env=QUIET, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"`{command[0]} … {command[-1]}` failed: {_last_line(done)}")


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return ((done.stderr or done.stdout).strip().splitlines() or ["no message"])[-1]


def _release() -> str:
    try:
        facts = dict(
            line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
        )
    except OSError:
        return ""
    return facts.get("VERSION_CODENAME", "").strip('"') if facts.get("ID") == "debian" else ""


def _mirror(release: str) -> str:
    """The package mirror this machine is set up with, so that proxies and private mirrors keep working."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in listed.stdout.splitlines():
        address, _, suite = line.partition(" ")
        if suite in (release, "stable", "oldstable"):
            return address
    raise Unavailable(f"apt on this machine knows no mirror of Debian {release}")
