"""What `pip install` brings is the whole product: templates, static files, data and compiled translations."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_everything_that_is_not_python(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    for pattern in (
        "templates/**/*.html",
        "static/**/*",
        "**/*.toml",
        "**/*.npz",
        "CANNOT_SEE.md",
        "**/*.txt",
    ):
        for path in source.rglob(pattern):
            name = str(path.relative_to(source))
            if path.is_file() and "tests" not in path.parts and "__pycache__" not in name:
                assert name in inside, name
    for po in source.rglob("*.po"):
        assert str(po.relative_to(source).with_suffix(".mo")) in inside, po
    assert not [name for name in inside if "/tests/" in name]


def test_the_installed_wheel_starts_from_an_empty_folder(wheel, tmp_path):
    """Unpacked somewhere else, with the checkout out of sight, the command answers and Django finds its parts."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    program = (
        "import stormdesk, django, pathlib; assert 'site' in stormdesk.__file__; django.setup();"
        "from django.template.loader import get_template; get_template('web/base.html'); get_template('account/login.html');"
        "from django.contrib.staticfiles.finders import find; assert find('web/tokens.css');"
        "from django.utils import translation; translation.activate('ru');"
        "from django.utils.translation import gettext; assert gettext('Sign in') == 'Войти'"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(tmp_path / "site"),
            "DJANGO_SETTINGS_MODULE": "stormdesk.config.settings",
            "STORMDESK_DATA": str(tmp_path / "data"),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
