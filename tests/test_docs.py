"""The documentation is complete and true: what stands in the code stands in it, and every link leads somewhere."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "stormdesk"
ROOMS = sorted(
    folder.name
    for folder in SOURCE.iterdir()
    if folder.is_dir() and folder.name not in {"config", "__pycache__"}
)
STAGES_WITH_ACTIONS = sorted(
    room for room in ROOMS if (SOURCE / room / "actions.py").exists() or (SOURCE / room / "actions").is_dir()
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
HEADINGS = ["## Context", "## Decision", "## Consequences", "## Reconsider when"]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = generator()


def pages() -> list[Path]:
    """Every page that people read: the documentation, the front pages, the rooms' and the bench's own."""
    return sorted(
        [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "bench").rglob("*.md"),
            *(SOURCE / room / "README.md" for room in ROOMS if (SOURCE / room / "README.md").exists()),
        ]
    )


def anchors(page: Path) -> set[str]:
    """The names under which the headings of a page can be linked to."""
    found = set()
    for line in FENCE.sub("", page.read_text("utf-8")).splitlines():
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            found.add(words.replace(" ", "-"))
    return found


@pytest.mark.parametrize("name", GENERATE.PARTS)
def test_every_generated_part_has_its_page(name: str) -> None:
    assert any(f"<!-- begin {name} -->" in page.read_text("utf-8") for page in GENERATE.pages())


@pytest.mark.parametrize("page", GENERATE.pages(), ids=lambda page: page.name)
def test_generated_parts_say_what_the_code_says(page: Path) -> None:
    text = page.read_text("utf-8")
    assert GENERATE.renewed(text) == text, "run: python docs/generate.py"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is_for(room: str) -> None:
    readme = SOURCE / room / "README.md"
    assert readme.exists(), f"{room} has no README.md: purpose, words, states, who calls it"
    assert readme.read_text("utf-8").startswith(("# " + room, "# " + room.capitalize()))


def records() -> list[Path]:
    return sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("record", records(), ids=lambda record: record.stem)
def test_every_decision_has_its_four_parts(record: Path) -> None:
    headings = [line for line in record.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert headings == HEADINGS


def test_decisions_are_numbered_and_listed() -> None:
    assert [record.name[:4] for record in records()] == [
        f"{number:04}" for number in range(1, len(records()) + 1)
    ]
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    assert [record.name for record in records() if f"]({record.name})" not in listed] == []


def public_functions(room: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The public functions of a room's actions and queries."""
    for part in ("actions", "queries"):
        for file in [SOURCE / room / f"{part}.py", *(SOURCE / room / part).glob("*.py")]:
            if not file.exists():
                continue
            for node in ast.parse(file.read_text("utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                    yield f"{file.relative_to(ROOT)}: {node.name}", node


@pytest.mark.parametrize("room", ROOMS)
def test_every_action_and_query_says_in_its_first_line_what_it_does(room: str) -> None:
    silent = []
    for name, node in public_functions(room):
        first = (ast.get_docstring(node) or "").split("\n\n")[0].strip()
        if not first.endswith((".", "?", "!", "…", ":", "”")):
            silent.append(name)
    assert not silent


@pytest.mark.parametrize("room", STAGES_WITH_ACTIONS)
def test_what_a_person_does_is_asked_for_by_keywords(room: str) -> None:
    """`record` is the one exception: it is called by all of them with the kind in front."""
    by_place = [
        name
        for name, node in public_functions(room)
        if "/steps.py" not in name and node.args.args and "by" in {a.arg for a in node.args.kwonlyargs}
    ]
    assert [name for name in by_place if not name.endswith("journal/actions.py: record")] == []


@pytest.mark.parametrize("language", ["README.md", "README.ru.md"])
def test_the_front_page_fits_on_one_page_and_shows_the_product(language: str) -> None:
    text = (ROOT / language).read_text("utf-8")
    assert len(text.splitlines()) <= 110
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert pictures
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)
    for command in ("make run", "make test"):
        assert command in text


def test_what_make_offers_is_what_the_front_page_promises() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page in (
        ROOT / "README.md",
        ROOT / "README.ru.md",
        ROOT / "docs" / "start.md",
        ROOT / "docs" / "run.md",
    ):
        code = re.findall(r"```.*?```|`[^`\n]+`", page.read_text("utf-8"), re.S)
        named = {target for piece in code for target in re.findall(r"(?:^|`|&& )make (\w+)", piece, re.M)}
        assert named <= targets, page.name


def test_every_role_has_a_page_in_both_languages() -> None:
    expected = {"lead", "publisher", "approver", "responder", "analyst", "executive", "administrator"}
    for folder in (ROOT / "docs" / "use", ROOT / "docs" / "ru" / "use"):
        assert {page.stem for page in folder.glob("*.md")} - {"README"} == expected


def test_measures_are_made_from_results_and_not_edited() -> None:
    from bench import report

    assert (ROOT / "docs" / "measures.md").read_text("utf-8") == report.page(ROOT / "bench" / "results")
