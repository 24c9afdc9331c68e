"""The command `stormdesk`: finds the subcommand, speaks the terminal's language, turns trouble into one sentence."""

from __future__ import annotations

import argparse
import gettext as catalogues
import os
import sys
from dataclasses import dataclass
from gettext import gettext as _
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from stormdesk.core.errors import StormdeskError
from stormdesk.jobs import trouble


def gettext_noop(words: str) -> str:
    """Marks words for translation that are translated when they are shown."""
    return words


@dataclass(frozen=True)
class Command:
    """One subcommand: its file in this folder, and what it needs before it runs."""

    name: str
    help: str
    data: bool = True  # works on a data folder, so takes --data
    database: bool = False  # works on the database, so Django is set up first

    def module(self) -> ModuleType:
        """The command's file, imported only when it is the one asked for."""
        file = {"import": "import_"}.get(self.name, self.name.replace("-", "_"))
        return import_module(f"stormdesk.cli.{file}")


COMMANDS = (
    Command("up", gettext_noop("run the whole product on this machine")),
    Command(
        "understand",
        gettext_noop("say what each text of a JSONL stream is: language, mood, urgency …"),
        data=False,
    ),
    Command(
        "narratives",
        gettext_noop("say which posts of a JSONL stream are copies or tell the same story"),
        data=False,
    ),
    Command("detect", gettext_noop("look for crises in CSV files of counts"), data=False),
    Command(
        "replay",
        gettext_noop("send a file of posts through the whole product, re-enacting time"),
        database=True,
    ),
    Command("import", gettext_noop("take a file of posts into the database"), database=True),
    Command("drill", gettext_noop("start a shipped drill"), database=True),
    Command("backup", gettext_noop("write database, keys and uploads into one file, while Stormdesk runs")),
    Command("restore", gettext_noop("put a backup in place of what is there")),
    Command("verify-journal", gettext_noop("see whether anybody has altered the journal"), database=True),
    Command("doctor", gettext_noop("check this installation and say what to do about what is wrong")),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 with one sentence for what a person can correct, 130 after Ctrl-C."""
    given = sys.argv[1:] if arguments is None else arguments
    speak()
    if given[:1] == ["manage"]:  # for developers, so not listed
        return import_module("stormdesk.cli.manage").run(given[1:])
    try:
        asked = parser(given).parse_args(given)
        return _run(asked)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has had enough; nothing more can be said there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        words = trouble.sentence(error)
        if words is None:
            raise
        if words:
            print(words, file=sys.stderr)
        return 2


def _run(asked: argparse.Namespace) -> int:
    command: Command = asked.command
    if command.data:
        from stormdesk.jobs.place import data_folder

        data_folder(asked.data)
    if command.database:
        use_database()
    code = command.module().run(asked)
    sys.stdout.flush()
    return code or 0


def speak() -> None:
    """Have this command and argparse speak the terminal's language (LANGUAGE, LC_ALL, LC_MESSAGES, LANG)."""
    catalogues.bindtextdomain("django", Path(__file__).parent / "locale")
    catalogues.textdomain("django")


def use_database() -> None:
    """Set Django up, speaking the terminal's language. Raises StormdeskError when the settings cannot be used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    os.environ.setdefault("STORMDESK_LOG_FORMAT", "text")
    os.environ.setdefault("STORMDESK_LOG_LEVEL", "WARNING")
    import django
    from django.utils import translation

    try:
        django.setup()
    except Exception as error:
        if words := trouble.sentence(error):
            raise StormdeskError(words) from None
        raise
    translation.activate(language())


def language() -> str:
    """ru or en, as the terminal is set."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "ru" if value.startswith("ru") else "en"
    return "en"


class Parser(argparse.ArgumentParser):
    """argparse with an error of one sentence; the exit code is 2 as everywhere."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            2,
            _("{program}: {message}. See {program} --help").format(program=self.prog, message=message) + "\n",
        )


def parser(given: list[str]) -> argparse.ArgumentParser:
    """The parser of all commands, with the arguments of the one that is asked for."""
    result = Parser(prog="stormdesk", description=_("A self-hosted desk for social media crises."))
    result.add_argument(
        "--version",
        action="version",
        version=f"stormdesk {version('stormdesk')}",
        help=_("show the version and exit"),
    )
    listed = result.add_subparsers(
        title=_("commands"), metavar=_("COMMAND"), required=True, dest="name", prog="stormdesk"
    )
    for command in COMMANDS:
        sub = listed.add_parser(command.name, help=_(command.help), description=_sentence(_(command.help)))
        sub.set_defaults(command=command)
        if given[:1] != [command.name]:
            continue
        command.module().add_arguments(sub)
        if command.data:
            sub.add_argument(
                "--data",
                metavar=_("DIR"),
                help=_("data folder (default: STORMDESK_DATA, or var in the present folder)"),
            )
    return result


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


if __name__ == "__main__":
    sys.exit(main())
