"""The heartbeat of a source: it answered, it failed, it fell silent; gaps open and close with it (G4, G5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from stormdesk.journal.actions import announce, record
from stormdesk.listen import rules, words
from stormdesk.listen.models import Gap, Source
from stormdesk.listen.rules import SourceState
from stormdesk.networks.base import Batch, NetworkError, Permanent

CLAIM = timedelta(minutes=1)
"""How long a process may take for one answer and its storing before another may ask the same source."""
_TOGETHER = 500


def answered(source: Source, batch: Batch, *, heard: bool, now: datetime) -> None:
    """The source answered and what it said is stored; its cursor moves. Inside the mentions' transaction."""
    changed = _answer(batch, now) | ({"heard_at": now} if heard else {})
    if batch.lost:
        _lost(source, now)
    Source.objects.filter(pk=source.pk).update(**changed)
    resumed = bool(source.cursor) and not batch.more
    for name, value in changed.items():
        setattr(source, name, value)
    if source.state == SourceState.FAILING or (source.state == SourceState.SILENT and heard):
        _turn(source, SourceState.OK, now, heard_later=resumed)


def followed(sources: Sequence[Source], batch: Batch, now: datetime) -> None:
    """`answered` for many sources of one stream for which nothing came: their cursors move in one statement."""
    if batch.lost:
        alone, together = list(sources), []
    else:
        alone = [source for source in sources if source.state == SourceState.FAILING]
        together = [source for source in sources if source.state != SourceState.FAILING]
    for source in alone:
        with transaction.atomic():
            answered(source, batch, heard=False, now=now)
    changed = _answer(batch, now)
    for start in range(0, len(together), _TOGETHER):
        part = together[start : start + _TOGETHER]
        Source.objects.filter(pk__in=[source.pk for source in part]).update(**changed)
        for source in part:
            for name, value in changed.items():
                setattr(source, name, value)


def _answer(batch: Batch, now: datetime) -> dict[str, Any]:
    """What an answer changes of a source."""
    changed: dict[str, Any] = {
        "cursor": batch.cursor,
        "answered_at": now,
        "failing_since": None,
        "failures": 0,
        "problem": "",
        "trouble": {},
    }
    return changed if batch.behind is None else changed | {"behind": batch.behind}


def _lost(source: Source, now: datetime) -> None:
    """It could not go on where it had stopped: the time between is a gap that nothing will fill."""
    began = source.answered_at or source.added_at
    open_gaps = Gap.objects.filter(source=source, ends_at__isnull=True)
    if not open_gaps.update(ends_at=now, heard_later=False):
        with override(source.brand.language):
            why = _(rules.LOST_SENTENCE) % {"source": source.name}
        Gap.objects.create(source=source, starts_at=began, ends_at=now, why=why)


def failed(source: Source, error: NetworkError, now: datetime) -> None:
    """An attempt failed. A refusal for good is a failing source at once, anything else from the third time on."""
    lasting = isinstance(error, Permanent)
    facts = {name: str(value)[:200] for name, value in error.facts.items()}
    with transaction.atomic():
        source.failures += 1
        source.failing_since = source.failing_since or now
        source.problem = str(error)[:500]
        source.trouble = {"message": error.message, "facts": facts}
        Source.objects.filter(pk=source.pk).update(
            failures=source.failures,
            failing_since=source.failing_since,
            problem=source.problem,
            trouble=source.trouble,
        )
        if source.state != SourceState.OFF and (lasting or source.failures >= rules.FAILURES_TOLERATED):
            _turn(source, SourceState.FAILING, now)


def check_sources(now: datetime) -> int:
    """Find sources that have gone silent or that nobody asks; run apart from the process that listens, which may be dead.

    Returns how many changed their state.
    """
    changed = 0
    for source in (
        Source.objects.exclude(state=SourceState.OFF).exclude(kind="import").select_related("brand")
    ):
        state = rules.state_of(
            state=SourceState(source.state),
            failures=source.failures,
            speaks_every=source.speaks_every,
            answered_at=source.answered_at,
            heard_at=source.heard_at,
            added_at=source.added_at,
            poll_every=source.poll_every,
            now=now,
        )
        if state == source.state:
            continue
        with transaction.atomic():
            if state != SourceState.OK and not source.failures:
                source.trouble = _trouble(source, state)
                source.problem = source.trouble["message"] % source.trouble["facts"]
                Source.objects.filter(pk=source.pk).update(problem=source.problem, trouble=source.trouble)
            elif state == SourceState.OK:
                Source.objects.filter(pk=source.pk).update(problem="", trouble={})
            changed += _turn(source, state, now)
    return changed


def _trouble(source: Source, state: SourceState) -> dict[str, Any]:
    last = (source.heard_at if state == SourceState.SILENT else source.answered_at) or source.added_at
    return {
        "message": rules.SILENT_SENTENCE if state == SourceState.SILENT else rules.UNASKED_SENTENCE,
        "facts": {
            "source": source.name,
            "since": last.strftime("%d.%m %H:%M UTC"),
            "minutes": str(max(1, source.speaks_every // 60)),
        },
    }


def _turn(source: Source, state: SourceState, now: datetime, *, heard_later: bool = False) -> bool:
    """Change the state if nobody was faster; opens or closes the gap and tells the journal."""
    old = source.state
    if old == state or not Source.objects.filter(pk=source.pk, state=old).update(state=state):
        return False
    source.state = state
    open_gaps = Gap.objects.filter(source=source, ends_at__isnull=True)
    if state == SourceState.OK:
        open_gaps.update(ends_at=now, heard_later=heard_later and old == SourceState.FAILING)
    elif not open_gaps.exists():
        last = source.answered_at if state == SourceState.FAILING else source.heard_at
        Gap.objects.create(source=source, starts_at=last or source.added_at, why=source.problem or state)
    kind = {SourceState.OK: "source.back", SourceState.FAILING: "source.failing"}.get(state, "source.silent")
    record(
        kind,
        brand=source.brand,
        by=None,
        now=now,
        subject=f"source:{source.pk}",
        facts={"source": source.name, "why": told_in(source, source.brand.language)},
    )
    announce(source.brand, "sources", now=now)
    return True


def told(source: Source) -> str:
    """What is wrong with a source, in the active language; empty when nothing is."""
    return words.trouble_sentence(source.trouble, source.problem)


def told_in(source: Source, language: str) -> str:
    """The same in a given language: the journal keeps the words people of the brand read."""
    with override(language):
        return told(source)
