"""Compiles every room's translations (.po to .mo) with Babel, so that neither setup nor the wheel needs gettext.

Runs as the build hook of hatchling (wheel, editable install) and as `make messages`.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # `make messages` runs without hatchling
    BuildHookInterface = object


def compile_all(root: Path) -> int:
    """Compile each `src/**/locale/*/LC_MESSAGES/*.po` beside itself; returns how many were written."""
    written = 0
    for po in sorted(root.glob("src/stormdesk/**/LC_MESSAGES/*.po")):
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parent.parent.name)
        with po.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)
        written += 1
    return written


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc,valid-type]
    def initialize(self, version: str, build_data: dict) -> None:
        compile_all(Path(self.root))


if __name__ == "__main__":
    print(f"{compile_all(Path(__file__).resolve().parent.parent)} translation files compiled")
