"""The networks' reader of files, with its refusals of a whole file in the language of whoever brought it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext

from stormdesk.core.errors import BadInput
from stormdesk.networks import table
from stormdesk.networks.table import Refusal, Row, Unreadable


@contextmanager
def in_words() -> Iterator[None]:
    """Unreadable as a BadInput with a translated sentence."""
    try:
        yield
    except Unreadable as error:
        raise BadInput(gettext(error.message) % error.facts) from None


def rows(path: Path) -> Iterator[Row | Refusal]:
    """Every row of the file. Raises BadInput for a file of another kind."""
    with in_words():
        yield from table.rows(path)


def columns_of(path: Path) -> tuple[list[str], list[Row]]:
    """The column names of a file, with its first rows. Raises BadInput."""
    with in_words():
        return table.columns_of(path)
