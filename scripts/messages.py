"""Translations of each room: `update` adds new source strings to its .po files, `compile` builds .mo, `check` fails
when a string has no Russian. Works with Babel alone, so gettext's own programs are not needed.

    python scripts/messages.py update [room …] | compile | check
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "stormdesk"
LANGUAGES = ["ru"]  # the source strings are English
KEYWORDS = {
    "_": None, "N_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip


def rooms() -> list[Path]:
    """Every folder of the package that holds strings: one catalog each."""
    return sorted(p for p in PACKAGE.iterdir() if p.is_dir() and p.name not in {"__pycache__", "locale"})


def strings(room: Path) -> Catalog:
    """The source strings of a room's Python files and templates."""
    from django.utils.translation.template import templatize

    found = Catalog()
    for path in sorted([*room.rglob("*.py"), *room.rglob("*.html"), *room.rglob("*.txt")]):
        relative = path.relative_to(PACKAGE)
        if {"tests", "migrations"} & set(relative.parts) or (
            "templates" not in relative.parts and path.suffix != ".py"
        ):
            continue
        text = path.read_text()
        if path.suffix != ".py":
            # templatize leaves literal parts as X…; what Babel sees is the gettext calls between them
            text = templatize(text, origin=str(relative))
        for _line, message, _comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS
        ):
            python_format = bool(
                re.search(r"%\(|%[sd]", message[0] if isinstance(message, tuple) else message)
            )
            found.add(
                message,
                context=context,
                locations=[(str(relative), 0)],
                flags=["python-format"] * python_format,
            )
    return found


def catalog_path(room: Path, language: str) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(room: Path, language: str) -> int:
    """Rewrite a room's catalog: new strings added empty, unused ones dropped. Returns how many are untranslated."""
    source, path = strings(room), catalog_path(room, language)
    if not len(source):
        path.unlink(missing_ok=True)
        return 0
    catalog = read(path, language)
    catalog.update(source, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, omit_header=False, include_lineno=False, sort_output=True)
    # dates in the header would make every run a change
    text = re.sub(
        r'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Generated-By|Project-Id-Version): [^"]*"\n',
        "",
        path.read_text(),
    )
    text = re.sub(r"\A(#[^\n]*\n)+", "", text)
    path.write_text(text)
    return len(missing(room, language))


def missing(room: Path, language: str) -> list[str]:
    """What has no translation, or one that lost a placeholder."""
    catalog = read(catalog_path(room, language), language)
    problems = []
    for message in strings(room):
        if not message.id:
            continue
        found = catalog.get(message.id[0] if isinstance(message.id, tuple) else message.id, message.context)
        texts = (
            ()
            if found is None
            else found.string
            if isinstance(found.string, (tuple, list))
            else (found.string,)
        )
        if not texts or not all(texts) or found.fuzzy:
            problems.append(f"{room.name}: no {language} for {message.id!r}")
            continue
        plain = message.id[-1] if isinstance(message.id, tuple) else message.id
        names = set(re.findall(r"%\((\w+)\)", plain))
        for text in texts:
            if extra := set(re.findall(r"%\((\w+)\)", text)) - names:
                problems.append(f"{room.name}: {language} for {message.id!r} names unknown {sorted(extra)}")
        if not isinstance(message.id, tuple) and names - set(re.findall(r"%\((\w+)\)", texts[0])):
            problems.append(f"{room.name}: {language} for {message.id!r} lost a placeholder")
    return problems


def conflicts(language: str) -> list[str]:
    """The same source string in two rooms with two translations: people would see one of them everywhere, by chance."""
    told: dict[tuple, dict[tuple, str]] = {}
    for room in rooms():
        if room.name == "cli":  # its catalog is opened alone
            continue
        for message in read(catalog_path(room, language), language):
            texts = (
                tuple(message.string[:3]) if isinstance(message.string, (tuple, list)) else (message.string,)
            )
            if message.id and all(texts):
                key = (
                    (message.context, *message.id)
                    if isinstance(message.id, tuple)
                    else (message.context, message.id)
                )
                told.setdefault(key, {}).setdefault(texts, room.name)
    return [
        f"{' and '.join(f'{room} says {texts[0]!r}' for texts, room in found.items())} for {key[1]!r}"
        for key, found in told.items()
        if len(found) > 1
    ]


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    command, names = (arguments or [""])[0], arguments[1:]
    chosen = [room for room in rooms() if not names or room.name in names]
    if command == "update":
        for room in chosen:
            for language in LANGUAGES:
                if left := update(room, language):
                    print(f"{room.name}: {left} to translate into {language}")
        return 0
    if command == "compile":
        sys.path.insert(0, str(ROOT / "scripts"))
        from build_messages import compile_all

        print(f"{compile_all(ROOT)} translation files compiled")
        return 0
    if command == "check":
        problems = [p for room in chosen for language in LANGUAGES for p in missing(room, language)]
        problems += [p for language in LANGUAGES for p in conflicts(language)]
        print("\n".join(problems) or "every string has its Russian")
        return 1 if problems else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
