"""Servers written in Python, each in a virtual environment of its own that is kept between runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from serving.debian import CACHE
from serving.processes import Unavailable, log


def environment(package: str) -> Path:
    """The folder of a virtual environment with `package` (name==version) in it; made where there is none."""
    home = CACHE / package.replace("==", "-")
    if home.exists():
        return home
    log(f"installing {package} (once)")
    work = CACHE / f"{home.name}.{os.getpid()}"
    CACHE.mkdir(parents=True, exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", str(work)],
        [str(work / "bin" / "pip"), "install", "-qq", "--no-input", "--no-compile", package],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(work, ignore_errors=True)
            said = (done.stderr.strip().splitlines() or ["?"])[-1]
            raise Unavailable(f"{package} could not be installed: {said}")
    try:
        work.rename(home)  # only programs beside python would notice; `python -m` does not
    except OSError:  # another run was faster
        shutil.rmtree(work, ignore_errors=True)
    return home
