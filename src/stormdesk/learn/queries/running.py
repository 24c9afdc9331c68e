"""Drills: how far their story has come, and their score."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from stormdesk.journal.models import Entry
from stormdesk.learn import drills
from stormdesk.learn.models import Drill
from stormdesk.learn.queries.doings import doings
from stormdesk.learn.queries.moments import allowed, first_statement_at
from stormdesk.learn.rules import DrillState, Expected, Mark, score, total
from stormdesk.people.models import Brand


def running_drills() -> list[Drill]:
    """Drills whose story is being told."""
    return list(Drill.objects.filter(state=DrillState.RUNNING).select_related("brand"))


def drill_of(brand: Brand) -> Drill | None:
    """The drill this brand was made for."""
    return Drill.objects.filter(brand=brand).select_related("brand", "started_by").first()


def drills_of(brands: list[Brand]) -> list[Drill]:
    """Drills at these brands, newest first."""
    return list(Drill.objects.filter(brand__in=brands).select_related("brand").order_by("-started_at"))


def to_first_statement(drill: Drill) -> timedelta | None:
    """From the declaration to the first statement; None while either is missing."""
    declared = Entry.objects.filter(brand=drill.brand, kind="crisis.declared").order_by("at").first()
    said = first_statement_at(drill)
    return said - declared.at if declared and said else None


@dataclass(frozen=True)
class DrillScore:
    """Marks of a drill; `got` of `of` points whose time has come, `whole` in all."""

    marks: list[Mark]
    got: int
    of: int
    whole: int

    @property
    def ahead(self) -> int:
        """Points whose time has not come."""
        return self.whole - self.of

    def as_dict(self) -> dict:
        """JSON, to be kept when the drill ends."""
        marks = [
            {
                **asdict(mark),
                "at": mark.at.isoformat() if mark.at else None,
                "due": mark.due.isoformat() if mark.due else None,
            }
            for mark in self.marks
        ]
        return {"marks": marks, "got": self.got, "of": self.of, "whole": self.whole}


def kept_score(drill: Drill) -> DrillScore:
    """The score a drill ended with."""

    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    kept = drill.score
    marks = [
        Mark(**{**mark, "at": moment(mark["at"]), "due": moment(mark["due"])})
        for mark in kept.get("marks", ())
    ]
    return DrillScore(marks, kept.get("got", 0), kept.get("of", 0), kept.get("whole", 0))


def score_of(drill: Drill, now: datetime) -> DrillScore:
    """How the team stands, by the record. Times allowed shrink with the drill's speed, to no less than two minutes."""
    happened, after = doings(drill)
    truth = drills.truth(drill.language, drill.name)

    expected = [
        Expected(
            action.key,
            action.title,
            action.points,
            after(action.after),
            None if action.within_seconds is None else allowed(drill, action.within_seconds),
            action.count,
            action.share,
        )
        for action in truth.actions
    ]
    marks = score(expected, happened, now)
    got, of = total(marks)
    return DrillScore(marks, got, of, sum(mark.points for mark in marks))
