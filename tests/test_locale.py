"""Russian and English complete: no string without its Russian, none that lost a placeholder, ё and quotation marks kept."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import messages  # noqa: E402  (a script, not a package)


@pytest.mark.parametrize("room", messages.rooms(), ids=lambda room: room.name)
def test_every_string_has_its_russian(room):
    assert messages.missing(room, "ru") == []


def test_one_string_has_one_russian_everywhere():
    assert messages.conflicts("ru") == []


@pytest.mark.parametrize("room", messages.rooms(), ids=lambda room: room.name)
def test_russian_is_written_as_russian_is(room):
    catalog = messages.read(messages.catalog_path(room, "ru"), "ru")
    for message in catalog:
        for text in message.string if isinstance(message.string, (list, tuple)) else [message.string]:
            if not message.id or not text:
                continue
            assert not re.search(r"\b(еще|все еще|ее|нее|пришел|прошел|найдется|объем)\b", text.lower()), (
                f"ё: {text}"
            )
            plain = re.sub(r"<[^>]*>|%\(\w+\)s", "", text)
            if " OR" not in plain and "(OR)" not in plain:  # the query language itself has straight ones
                assert not re.search(r'"[А-Яа-яё]', plain), f"«ёлочки»: {text}"
            assert "пожалуйста" not in text.lower(), f"no please: {text}"
