"""The linter: pure functions from a text and the brand's rules to findings."""

from __future__ import annotations

from enum import StrEnum


class RuleKind(StrEnum):
    TONE = "tone"
    FORBIDDEN = "forbidden"
    CONFIDENTIAL = "confidential"
    PERSONAL_DATA = "personal_data"
    CREDIT = "credit"
    LENGTH = "length"
    PROMISE = "promise"


class Severity(StrEnum):
    BLOCK = "block"
    WARN = "warn"
