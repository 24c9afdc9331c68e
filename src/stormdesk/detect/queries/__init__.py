"""What a screen or another stage may ask of noticing."""

from stormdesk.detect.queries.ahead import Outlook, measured_half_life, outlook
from stormdesk.detect.queries.alerts import (
    Standing,
    alerts_between,
    came_back,
    concerns,
    deaf_long_enough,
    get_alert,
    get_concern,
    noticed_already,
    open_alerts,
    past_alerts,
    posts_of,
    running_storm,
    sentence_of,
    silence_at,
    similar,
    standing,
    title_of,
)
from stormdesk.detect.queries.definition import criteria, definition
from stormdesk.detect.queries.known import get_known, holidays_of, known, noted
from stormdesk.detect.queries.series import (
    LastHour,
    Picture,
    current_band,
    files_read,
    first_minute,
    last_hour,
    scores,
    series_for_chart,
    steps,
)
from stormdesk.detect.queries.storm import moved as what_moved
from stormdesk.detect.queries.storm import own_replies, spread, telling_posts, weighed, whole
from stormdesk.detect.queries.trial import (
    DAYS,
    Trial,
    decided,
    get_trial,
    trial_of,
    tried_definitions,
    try_on_past,
)
from stormdesk.listen.queries import completeness

__all__ = [
    "DAYS", "LastHour", "Outlook", "Picture", "Standing", "Trial", "alerts_between",
    "came_back", "completeness", "concerns", "criteria", "current_band", "deaf_long_enough", "decided",
    "definition", "files_read", "first_minute", "get_alert", "get_concern", "get_known", "get_trial",
    "holidays_of", "known", "last_hour", "measured_half_life", "noted", "noticed_already", "open_alerts",
    "outlook", "own_replies", "past_alerts", "posts_of", "running_storm", "scores", "sentence_of",
    "series_for_chart", "silence_at", "similar", "spread", "standing", "steps", "telling_posts", "title_of",
    "trial_of", "tried_definitions", "try_on_past", "weighed", "what_moved", "whole",
]  # fmt: skip
