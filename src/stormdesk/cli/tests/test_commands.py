"""The command line speaks the terminal's language and never shows a traceback for a person's mistake."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stormdesk.cli.main import COMMANDS

# Django and what it brings cost a second; a command that does not need them must not wait for them.
HEAVY = ("django", "pydantic", "numpy", "uvicorn")


def stormdesk(
    *arguments: str, language: str = "en_US.UTF-8", **variables: str
) -> subprocess.CompletedProcess[str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "stormdesk.cli.main", *arguments],
        env=ours | {"LANG": language, "COLUMNS": "120"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_in_both_languages() -> None:
    english, russian = stormdesk("--help"), stormdesk("--help", language="ru_RU.UTF-8")
    for answer in (english, russian):
        assert answer.returncode == 0
        for command in COMMANDS:
            assert f"\n    {command.name}" in answer.stdout
        assert "manage" not in answer.stdout
    assert "usage:" in english.stdout
    assert "run the whole product" in english.stdout
    for english_word in ("usage", "options", "show", "default", "the "):
        assert english_word not in russian.stdout
    assert "запустить весь продукт" in russian.stdout


def test_help_of_a_command_speaks_russian() -> None:
    answer = stormdesk("restore", "--help", language="ru_RU.UTF-8")
    assert answer.returncode == 0
    assert "использование:" in answer.stdout
    assert "--force" in answer.stdout
    assert "show this" not in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["frobnicate"], "frobnicate"),
        (["backup"], "FILE"),
        (["up", "--port", "many"], "many"),
        (["up", "--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["up", "--port", "99999"], "99999"),
        (["restore", "/nowhere/backup.tar"], "/nowhere/backup.tar"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(arguments: list[str], expected: str, tmp_path) -> None:
    answer = stormdesk(*arguments, STORMDESK_DATA=str(tmp_path / "data"))
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    assert expected in answer.stderr


def test_starting_the_tree_and_asking_for_help_load_nothing_heavy() -> None:
    code = (
        "import sys; from stormdesk.cli.main import main; from stormdesk.cli import up\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]"


def test_a_reader_that_leaves_early_is_no_error(tmp_path) -> None:
    answer = subprocess.run(
        f"{sys.executable} -m stormdesk.cli.main --help | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in answer.stderr


def test_doctor_says_what_to_do_about_an_installation_that_is_not_there(tmp_path) -> None:
    answer = stormdesk("doctor", "--data", str(tmp_path / "nothing"))
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert "stormdesk up" in answer.stdout
    assert not (tmp_path / "nothing").exists()
