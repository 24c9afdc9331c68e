"""States of a source and kinds of a query; decisions about heartbeats as pure functions."""

from __future__ import annotations

from enum import StrEnum


class SourceState(StrEnum):
    OK = "ok"
    FAILING = "failing"  # the last attempts failed; the sentence says why
    SILENT = "silent"  # it answers, but has said nothing for longer than it should
    OFF = "off"  # switched off by a person


class QueryKind(StrEnum):
    BRAND = "brand"
    COMPETITOR = "competitor"
    TOPIC = "topic"
