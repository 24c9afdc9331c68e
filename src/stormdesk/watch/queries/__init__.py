"""What screens and other stages may ask about the course of a crisis."""

from stormdesk.watch.queries.executive import Executive, executive
from stormdesk.watch.queries.over import Over, is_it_over
from stormdesk.watch.queries.reaction import Mark, Reaction, ToldEffect, reaction

__all__ = [
    "Executive",
    "Mark",
    "Over",
    "Reaction",
    "ToldEffect",
    "executive",
    "is_it_over",
    "reaction",
]
