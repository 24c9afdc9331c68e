"""The house holds its shape: every stage the same files, pure rules, views without the ORM, one call to networks."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

import stormdesk

PACKAGE = Path(stormdesk.__file__).parent
ROOT = PACKAGE.parent.parent
STAGES = settings.STAGES

# What each stage holds (docs/decisions): a file, or a folder of the same name once it has grown.
PARTS = ("models", "rules", "actions", "queries", "urls", "views")
# Watching measures and writes nothing; locking is a switch on pages that belong to several stages.
WITHOUT = {
    "watch": {"models", "actions"},
    "secure": {"urls", "views"},
    "accounts": {"urls", "views"},
    "journal": set(),
}


def modules(*parts: str):
    """(relative path, tree) of every module of the product, tests and migrations left out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if not {"tests", "migrations"} & set(relative.parts) and (
            not parts or set(parts) & {relative.stem, *relative.parts}
        ):
            yield relative, ast.parse(path.read_text())


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_holds_the_same_files(stage):
    for part in PARTS:
        there = (PACKAGE / stage / f"{part}.py").exists() or (PACKAGE / stage / part / "__init__.py").exists()
        assert there != (part in WITHOUT.get(stage, set())), f"{stage}/{part}"


def test_the_import_contracts_are_kept():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_rules_ask_no_clock_and_do_no_input_or_output():
    for path, tree in modules("rules"):
        for node in ast.walk(tree):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert name not in ("datetime.now", "utcnow", "time.time", "open", "print"), f"{path}: {name}"


def test_only_the_clock_module_and_process_code_ask_what_time_it_is():
    for path, tree in modules("actions", "queries", "rules"):
        if path.as_posix() in ("listen/actions/polling.py", "listen/actions/uploads.py"):
            continue  # wait for networks, or read files for minutes: what they were given is old by then
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "utcnow",
                "timezone.now",
                "datetime.now",
            ):
                pytest.fail(f"{path}: {ast.unparse(node)}: `now` is given by the caller")


def test_views_never_touch_the_orm():
    for path, tree in modules("views", "pages"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("objects", "save", "delete", "bulk_create"):
                pytest.fail(f"{path}:{node.lineno} reaches for {ast.unparse(node)}")


def test_stages_have_no_signals_and_no_save_with_side_effects():
    for path, tree in modules():
        assert "django.db.models.signals" not in imports(tree), path
    for path, tree in modules("models"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in ("save", "delete"):
                pytest.fail(f"{path} overrides {node.name}()")


def test_no_room_is_called_utils_or_common():
    names = {part for path, _tree in modules() for part in (*path.parts[:-1], path.stem)}
    assert not names & {"utils", "util", "common", "helpers", "misc"}


def test_only_core_speaks_http():
    """SSRF is guarded in one place: nobody else opens a connection to an address that somebody typed."""
    for path, tree in modules():
        if path.parts[:2] != ("core", "http"):
            assert not imports(tree) & {"httpx2", "httpx", "requests", "urllib.request", "http.client"}, path
