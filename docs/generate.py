"""Writes the tables of the documentation that stand in the code: `python docs/generate.py`.

A generated part stands between `<!-- begin NAME -->` and `<!-- end NAME -->`; a test compares it with the code, so that a
variable, a command, a right or a kind of journal entry cannot come or go without its line.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PART = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.S)


def environment() -> str:
    """Every variable of config/environment.py."""
    from stormdesk.config.environment import Environment

    rows = []
    for name, field in Environment.model_fields.items():
        variable = field.alias or f"STORMDESK_{name.upper()}"
        default = "" if field.default in ("", None) else f"`{field.default}`"
        rows.append((f"`{variable}`", default, field.description or ""))
    return table(("variable", "default", "what it sets"), rows)


def commands() -> str:
    """Every command of the command line with its arguments and options."""
    parts = []
    kept = {name: os.environ.pop(name, None) for name in ("STORMDESK_HOST", "STORMDESK_PORT")}
    try:
        from stormdesk.cli.main import COMMANDS, parser

        for command in COMMANDS:
            sub = subparser(parser([command.name]), command.name)
            rows = [
                (", ".join(f"`{name}`" for name in names(action)), explained(action))
                for action in sub._actions
                if not isinstance(action, argparse._HelpAction)
            ]
            parts.append(
                f"### `stormdesk {command.name}`\n\n{sub.description}\n\n"
                + table(("argument", "meaning"), rows)
            )
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})
    return "\n".join(parts)


def subparser(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    """The parser of one command."""
    found = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return found.choices[name]


def names(action: argparse.Action) -> list[str]:
    """How an argument is written on the command line."""
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    if not action.option_strings:
        return [str(value)]
    return [f"{option} {value}".strip() for option in action.option_strings]


def explained(action: argparse.Action) -> str:
    """The help of an argument, its default filled in."""
    return (action.help or "") % {"default": action.default, "prog": "stormdesk"}


def rights() -> str:
    """Which role may do what."""
    from stormdesk.people.rules import RIGHTS, Right, Role

    rows = [(f"`{right}`", *("yes" if right in RIGHTS[role] else "·" for role in Role)) for right in Right]
    return table(("right", *Role), rows)


def journal_kinds() -> str:
    """Every kind of entry with its English sentence."""
    django()
    from django.utils import translation

    from stormdesk.journal.registry import kinds, sentence_of

    with translation.override("en"):
        rows = [
            (
                f"`{kind}`",
                str(sentence_of(kind).text),
                sentence_of(kind).group,
                "yes" if sentence_of(kind).mark else "",
            )
            for kind in kinds()
        ]
    return table(("kind", "sentence", "group", "marked on the chart"), rows)


def jobs() -> str:
    """Every periodic work of the worker and of ingest."""
    django()
    from stormdesk.jobs.registry import jobs as of_group

    rows = [
        (f"`{job.name}`", group, f"{job.every.total_seconds():g} s")
        for group in ("worker", "ingest")
        for job in of_group(group)
    ]
    return table(("job", "process", "every"), rows)


def django() -> None:
    """Set Django up, unless that is done."""
    import django as package
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
        package.setup()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


PARTS: dict[str, Callable[[], str]] = {
    "environment": environment,
    "commands": commands,
    "rights": rights,
    "journal_kinds": journal_kinds,
    "jobs": jobs,
}


def renewed(text: str) -> str:
    """The page with its generated parts as the code has them now. Raises KeyError for an unknown part."""
    return PART.sub(lambda found: found[1] + PARTS[found[2]]() + found[3], text)


def pages() -> list[Path]:
    """The pages that hold generated parts."""
    return [page for page in sorted(DOCS.rglob("*.md")) if PART.search(page.read_text("utf-8"))]


def main() -> None:
    for page in pages():
        page.write_text(renewed(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
