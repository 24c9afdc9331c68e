"""A playbook's tasks as text that a person edits: pure, and the same both ways.

Find the batch | product | 60
- call the plant
- compare with the shelf photographs
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

DEPARTMENTS = ("pr", "legal", "care", "social", "product", "hr", "executive")


def text_of_tasks(tasks: Iterable[Mapping[str, Any]]) -> str:
    """The tasks as blocks of text, in their order."""
    blocks = []
    for task in tasks:
        first = f"{task['title']} | {task.get('department', '')} | {task.get('due_minutes') or ''}".rstrip(
            " |"
        )
        blocks.append("\n".join([first, *(f"- {line}" for line in task.get("checklist", []))]))
    return "\n\n".join(blocks)


def tasks_from_text(text: str, known: Iterable[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """The tasks again. A task whose title stands in `known` keeps what the text does not show: its key, its why, what
    blocks it. Raises ValueError with a sentence naming the task that cannot be read."""
    by_title = {task["title"]: dict(task) for task in known}
    tasks, taken = [], {task.get("key") for task in by_title.values()}
    for number, block in enumerate(re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()), 1):
        head, *lines = [line.strip() for line in block.splitlines() if line.strip()] or [""]
        title, department, minutes = ([part.strip() for part in head.split("|")] + ["", ""])[:3]
        if not title or title.startswith("-"):
            raise ValueError(
                _("Task %(number)s has no title. Write it in the first line of the block.")
                % {"number": number}
            )
        if department and department not in DEPARTMENTS:
            raise ValueError(
                _("Task “%(title)s”: there is no department %(name)s. Choose one of %(names)s.")
                % {"title": title, "name": department, "names": ", ".join(DEPARTMENTS)}
            )
        if minutes and not minutes.isdigit():
            raise ValueError(_("Task “%(title)s”: the minutes are a number, such as 30.") % {"title": title})
        if wrong := next((line for line in lines if not line.startswith("-")), None):
            raise ValueError(
                _(
                    "Task “%(title)s”: “%(line)s” is no step. Begin a step with a dash, or leave an empty line before a new task."
                )
                % {"title": title, "line": wrong[:60]}
            )
        task = by_title.get(title) or {"key": _new_key(number, taken), "title": title}
        taken.add(task["key"])
        task |= {
            "department": department,
            "due_minutes": int(minutes) if minutes else None,
            "checklist": [line.lstrip("- ").strip() for line in lines],
        }
        tasks.append(task)
    keys = {task["key"] for task in tasks}
    for task in tasks:
        task["blocked_by"] = [key for key in task.get("blocked_by", ()) if key in keys]
    return tasks


def _new_key(number: int, taken: set[str | None]) -> str:
    key = f"own_{number}"
    while key in taken:
        key += "_"
    return key
