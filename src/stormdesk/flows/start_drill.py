"""One button: a drill. A practice brand with its accounts, words, colleagues and promos; nothing of it leaves the house."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from stormdesk.accounts.actions import connect_account
from stormdesk.accounts.connecting import place
from stormdesk.accounts.models import Account
from stormdesk.core.errors import AccessDenied, BadInput
from stormdesk.detect.rules import STEP
from stormdesk.flows.first_run import begin_brand
from stormdesk.learn import drills
from stormdesk.learn.actions import open_drill
from stormdesk.learn.feeding import settle_quiet_day, tell_past
from stormdesk.learn.models import Drill
from stormdesk.learn.queries import moment_of
from stormdesk.listen.actions import add_source, ingest, save_query
from stormdesk.listen.actions.sources import hear
from stormdesk.listen.models import Source
from stormdesk.listen.rules import QueryKind
from stormdesk.people.access import brands_of, may, may_begin_brand
from stormdesk.people.actions import drill_colleague
from stormdesk.people.models import Brand, Membership, User
from stormdesk.people.rules import Right, Role
from stormdesk.publish.actions import approve_post, draft_post, schedule_post, send_for_review


def may_start_drill(user: User) -> bool:
    """Whoever writes reviews somewhere, and whoever adds brands: the administrator may begin with a drill."""
    return may_begin_brand(user) or any(may(user, Right.REVIEW, brand) for brand in brands_of(user))


def start_drill(
    *, name: str, language: str, by: User, now: datetime, speed: int = 18, invited: tuple[User, ...] = ()
) -> Drill:
    """Begin the drill `name`. `speed`: story seconds a second. `invited` take part with the roles of a lead.

    The quiet day before the storm is laid into the past and heard at once, so that the desk knows what is usual. The
    storm begins with the detector's present step, at most five minutes ago: at eighteen times life a step is an hour
    and a half of story, and one cut in two would be an alert that comes as much later. Raises BadInput for a drill, a language or a speed that is not shipped, AccessDenied.
    """
    if not may_start_drill(by):
        raise AccessDenied(_("Owners, leads, approvers and analysts start drills. Ask one of them."))
    if name not in drills.names():
        raise BadInput(
            _("There is no drill “%(name)s”. These are shipped: %(names)s.")
            % {"name": name, "names": ", ".join(drills.names())}
        )
    if language not in drills.LANGUAGES:
        raise BadInput(
            _("The drill is not told in “%(language)s”. It is told in: %(languages)s.")
            % {"language": language, "languages": ", ".join(drills.LANGUAGES)}
        )
    with translation.override(language), transaction.atomic():
        return _begin(name, language, by, now, speed, invited)


def _begin(name: str, language: str, by: User, now: datetime, speed: int, invited: tuple[User, ...]) -> Drill:
    story, truth = drills.story(language, name), drills.truth(language, name)
    brand = begin_brand(
        by=by,
        now=now,
        name=_("%(brand)s (drill)") % {"brand": story.brand.name},
        language=language,
        time_zone=settings.STORMDESK.time_zone,
        is_drill=True,
    )
    for user in invited:
        Membership.objects.get_or_create(user=user, brand=brand, role=Role.LEAD)
    gleb = drill_colleague(brand=brand, name=_("Gleb, who runs the calendar (played)"))
    for colleague in (_("Nina, who approves (played)"), _("Pavel, who approves (played)")):
        drill_colleague(brand=brand, name=colleague, role=Role.APPROVER)
    handle = story.brand.handles[0].lstrip("@")
    account = connect_account(
        brand=brand,
        by=by,
        now=now,
        network="practice",
        handle=handle,
        settings_=place("practice", brand, {"handle": handle}),
    )
    _forget_practice(account)
    for words, kind in (
        (story.brand.query, QueryKind.BRAND),
        (story.brand.query_competitors, QueryKind.COMPETITOR),
    ):
        if words:
            title = story.brand.name if kind == QueryKind.BRAND else _("Competitors")
            save_query(brand=brand, by=by, now=now, name=title, expression=words, kind=kind)
    drill = open_drill(
        brand=brand, name=name, language=language, by=by, now=now, speed=speed, story_start=_whole_step(now)
    )
    sources = _listen(brand, account, by, drill.story_start - timedelta(seconds=truth.starts_at_seconds))
    tell_past(drill, now)
    for source in sources:
        _hear_all(source, now)
    settle_quiet_day(drill)
    for promo in story.promos:
        due_at = max(now + timedelta(minutes=1), moment_of(drill, promo.offset_seconds))
        post = draft_post(brand=brand, by=gleb, now=now, account=account, text=promo.text, due_at=due_at)
        post = send_for_review(post=post, by=gleb, now=now)
        post = approve_post(post=post, by=by, now=now, yes=True, comment="")
        schedule_post(post=post, due_at=due_at, by=by, now=now)
    return drill


def _whole_step(now: datetime) -> datetime:
    seconds = int(STEP.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)


def _listen(brand: Brand, account: Account, by: User, since: datetime) -> list[Source]:
    """Sources that have listened since the story began: a quiet minute of its first day is quiet, not unheard."""
    titles = {
        "search": _("Everything said on the practice network"),
        "notifications": _("What is said to us"),
    }
    return [
        add_source(
            brand=brand,
            by=by,
            now=since,
            network="practice",
            kind=kind,
            name=title,
            account=account,
            settings=place("practice", brand, {"handle": account.handle}),
            poll_every=2,
            speaks_every=0,
        )
        for kind, title in titles.items()
    ]


def _hear_all(source: Source, now: datetime) -> None:
    """What was said before now, at once: the detector must not score a day of which it has heard a part."""
    more = True
    while more:
        batch = hear(source)
        ingest(source=source, batch=batch, now=now)
        more = batch.more


def _forget_practice(account: Account) -> None:
    """Remove what an earlier drill of this address, undone or deleted, has left on the practice network."""
    path = Path(account.settings["path"])
    for left in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        left.unlink(missing_ok=True)
