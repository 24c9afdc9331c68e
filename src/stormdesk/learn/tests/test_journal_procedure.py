"""Anybody can check an export with the script of the reference, and `stormdesk verify-journal` says the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stormdesk.cli.main import main
from stormdesk.journal.actions import record
from stormdesk.journal.queries import exported

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "journal.md"


@pytest.fixture
def export(brand, owner, now):
    """`export(crisis)` → the lines of an export."""
    for number in range(8):
        crisis = 7 if number % 2 else None
        facts = {"n": number, "words": "«ёлка»\n\u2028", "share": 0.1}
        record("drill.started", brand=brand, by=owner, now=now, subject="x:1", crisis=crisis, facts=facts)
    return lambda crisis=None: list(exported(brand, crisis=crisis))


def alter(entry):
    entry["facts"]["n"] = 99


FAULTS = {
    "nothing": (lambda entries: None, 0),
    "a fact was altered": (lambda entries: alter(entries[3]), 1),
    "an entry was removed": (lambda entries: entries.pop(3), 1),
    "the first entry was removed": (lambda entries: entries.pop(0), 1),
    "two were exchanged": (lambda entries: entries.insert(2, entries.pop(3)), 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_script_and_the_command_agree(export, tmp_path, name, capsys):
    entries = export()
    change, code = FAULTS[name]
    change(entries)
    file = tmp_path / "journal.jsonl"
    file.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
    assert by_script(tmp_path, file) == code
    assert main(["verify-journal", str(file)]) == code
    assert ("ALTERED" in capsys.readouterr().out) == bool(code)


def test_the_record_of_one_crisis_has_gaps_that_are_no_fault(export, tmp_path):
    entries = export(7)
    file = tmp_path / "crisis.jsonl"
    file.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
    assert by_script(tmp_path, file) == 0
    assert main(["verify-journal", str(file)]) == 0
    alter(entries[1])
    file.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
    assert by_script(tmp_path, file) == 1
    assert main(["verify-journal", str(file)]) == 1


def test_every_chain_of_the_database(export, brand, capsys):
    assert main(["verify-journal"]) == 0
    assert f"{brand.slug}: 8" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "nonsense\n", '{"sequence": 1}\n', "[]\n"])
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path, content, capsys):
    file = tmp_path / "x.jsonl"
    file.write_text(content)
    assert main(["verify-journal", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def by_script(folder: Path, file: Path) -> int:
    script = folder / "check.py"
    script.write_text(re.search(r"```python\n(.*?)```", REFERENCE.read_text("utf-8"), re.S)[1], "utf-8")
    return subprocess.run([sys.executable, "-I", script, file], capture_output=True).returncode
