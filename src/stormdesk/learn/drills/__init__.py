"""Shipped drills: hand-written storms, their stories and their truth. Data and pure functions, no Django."""

from stormdesk.learn.drills.posts import LANGUAGES, WrittenPost, names, posts
from stormdesk.learn.drills.schedule import DEFAULT_SEED, DrillPost, schedule
from stormdesk.learn.drills.story import (
    Brand,
    Brief,
    Expectation,
    ExpectedAction,
    Fact,
    Narrative,
    Promo,
    Story,
    Truth,
    story,
    truth,
)

__all__ = [
    "DEFAULT_SEED",
    "LANGUAGES",
    "Brand",
    "Brief",
    "DrillPost",
    "Expectation",
    "ExpectedAction",
    "Fact",
    "Narrative",
    "Promo",
    "Story",
    "Truth",
    "WrittenPost",
    "names",
    "posts",
    "schedule",
    "story",
    "truth",
]
