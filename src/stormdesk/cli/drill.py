"""Starts a shipped drill for a person, as the button on the drills page does."""

from __future__ import annotations

import argparse
from gettext import gettext as _
from typing import TYPE_CHECKING

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import BadInput

if TYPE_CHECKING:
    from stormdesk.people.models import User


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stormdesk drill`."""
    parser.add_argument("name", metavar=_("NAME"), help=_("the drill, such as faulty_batch"))
    parser.add_argument("--language", default="", help=_("ru or en; the terminal's language when not given"))
    parser.add_argument(
        "--speed", type=int, default=18, help=_("story seconds a second, from 1 to 100 (18 when not given)")
    )
    parser.add_argument(
        "--by",
        metavar=_("EMAIL"),
        default="",
        help=_("who starts it and owns its brand; without it, the administrator"),
    )


def run(asked: argparse.Namespace) -> int:
    """Start the drill and print where it is."""
    from django.conf import settings
    from django.urls import reverse

    from stormdesk.cli.main import language
    from stormdesk.flows.start_drill import start_drill
    from stormdesk.jobs import prepare

    if prepare.needed(settings.DATA):
        (settings.DATA / "run").mkdir(parents=True, exist_ok=True)
        prepare.prepare(settings.DATA)
    drill = start_drill(
        name=asked.name,
        language=asked.language or language(),
        by=_starter(asked.by),
        now=utcnow(),
        speed=asked.speed,
    )
    print(f"{settings.STORMDESK.public_url.rstrip('/')}{reverse('drills', args=[drill.brand.slug])}")
    return 0


def _starter(email: str) -> User:
    from stormdesk.people.models import User

    people = User.objects.filter(is_active=True)
    if email:
        found = people.filter(email__iexact=email.strip()).first()
        if found is None:
            raise BadInput(
                _("Nobody here has the address {email}. Check it, or invite them first.").format(email=email)
            )
        return found
    found = people.filter(is_administrator=True).order_by("pk").first()
    if found is None:
        raise BadInput(
            _(
                "Nobody has come in yet, so nobody could see the drill. Start `stormdesk up` and open its link first."
            )
        )
    return found
