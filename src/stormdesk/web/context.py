"""What the shell of every page shows: brand, strip, counts."""

from __future__ import annotations

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict:
    """Template variables of web/base.html."""
    return {}
