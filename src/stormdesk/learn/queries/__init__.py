"""What screens and flows may ask about reviews and drills."""

from stormdesk.learn.queries.moments import first_statement_at, moment_of, story_second
from stormdesk.learn.queries.reviews import (
    Facts,
    Speed,
    get_measure,
    measures_of,
    open_measures,
    review_facts,
    review_of,
    reviews,
)
from stormdesk.learn.queries.running import (
    DrillScore,
    drill_of,
    drills_of,
    kept_score,
    running_drills,
    score_of,
    to_first_statement,
)

__all__ = [
    "DrillScore",
    "Facts",
    "Speed",
    "drill_of",
    "drills_of",
    "first_statement_at",
    "get_measure",
    "kept_score",
    "measures_of",
    "moment_of",
    "open_measures",
    "review_facts",
    "review_of",
    "reviews",
    "running_drills",
    "score_of",
    "story_second",
    "to_first_statement",
]
