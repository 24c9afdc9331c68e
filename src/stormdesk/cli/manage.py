"""Django's management commands, for developers: `stormdesk manage makemigrations`."""

from __future__ import annotations

import os

from stormdesk.jobs.place import data_folder


def run(arguments: list[str]) -> int:
    """Hand everything over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    data_folder()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["stormdesk manage", *arguments])
    return 0
