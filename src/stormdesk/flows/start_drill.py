"""One button: a drill. A practice brand with its accounts, words, colleagues and promos; nothing of it leaves the house."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from stormdesk.accounts.actions import connect_account
from stormdesk.accounts.connecting import place
from stormdesk.flows.first_run import begin_brand
from stormdesk.learn import drills
from stormdesk.learn.actions import open_drill
from stormdesk.learn.models import Drill
from stormdesk.learn.queries import HANDLE
from stormdesk.listen.actions import add_source, save_query
from stormdesk.people.actions import drill_colleague
from stormdesk.people.models import Membership, User
from stormdesk.publish.actions import approve_post, draft_post, schedule_post, send_for_review

SPEEDS = (1, 6, 18)


def start_drill(*, name: str, language: str, by: User, now: datetime, speed: int = 18, invited: tuple[User, ...] = ()) -> Drill:
    """Begin the drill `name`. `speed`: story seconds a second. `invited` take part with the roles of a lead.

    The quiet day before the storm is laid into the past, so that the desk knows what is usual; the storm begins now.
    Raises BadInput for a drill that is not shipped.
    """
    story, truth = drills.story(language, name), drills.truth(language, name)
    with transaction.atomic():
        brand = begin_brand(
            by=by,
            now=now,
            name=_("%(brand)s (drill)") % {"brand": story.brand.name},
            language=language,
            time_zone=settings.STORMDESK.time_zone,
            is_drill=True,
        )
        for user in invited:
            Membership.objects.get_or_create(user=user, brand=brand, role="lead")
        gleb = drill_colleague(brand=brand, name=_("Gleb (plays the colleague who runs the calendar)"))
        account = connect_account(
            brand=brand,
            by=by,
            now=now,
            network="practice",
            handle=HANDLE,
            settings_=place("practice", brand, {"handle": HANDLE}),
        )
        for kind, title in (("search", _("Everything said on the practice network")), ("notifications", _("What is said to us"))):
            add_source(
                brand=brand,
                by=by,
                now=now,
                network="practice",
                kind=kind,
                name=title,
                account=account,
                settings=place("practice", brand, {"handle": HANDLE}),
                poll_every=2,
                speaks_every=0,
            )
        save_query(brand=brand, by=by, now=now, name=story.brand.name, expression=story.brand.query)
        if story.brand.query_competitors:
            save_query(
                brand=brand,
                by=by,
                now=now,
                name=_("Competitors"),
                expression=story.brand.query_competitors,
                kind="competitor",
            )
        drill = open_drill(brand=brand, name=name, language=language, by=by, now=now, speed=speed)
        for promo in story.promos:
            due_at = now + timedelta(seconds=max(60, (promo.offset_seconds - truth.starts_at_seconds) / speed))
            post = draft_post(brand=brand, by=gleb, now=now, account=account, text=promo.text, due_at=due_at)
            post = send_for_review(post=post, by=gleb, now=now)
            post = approve_post(post=post, by=by, now=now, yes=True, comment="")
            schedule_post(post=post, due_at=due_at, by=by, now=now)
    return drill
