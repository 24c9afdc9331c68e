"""What goes into `read` and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A post to be read. `brand` is whose sentiment is asked, `language` a code the network gave, if any."""

    id: str
    text: str
    brand: str | None = None
    author: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Personal data in a text: what kind, and where (character offsets, end exclusive)."""

    kind: str
    start: int
    end: int

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a post says. Probabilities are calibrated, 0 to 1; `urgency` is 0 (none) to 3 (now).

    `reasons` maps a field to the words that decided it. `path` names how it was read: "light" is hashed
    n-grams and cue words, "full" joins the sentence encoder.
    """

    language: str
    sentiment: dict[str, float]
    complaint: float
    needs_reply: float
    urgency: int
    scam: float
    personal_data: list[Span]
    reasons: dict[str, list[str]] = field(default_factory=dict)
    path: str = "light"

    def as_dict(self) -> dict[str, Any]:
        """The reading as the JSON that `stormdesk understand` writes, without the id."""
        return {
            "language": self.language,
            "sentiment": {name: round(p, 4) for name, p in self.sentiment.items()},
            "complaint": round(self.complaint, 4),
            "needs_reply": round(self.needs_reply, 4),
            "urgency": self.urgency,
            "scam": round(self.scam, 4),
            "personal_data": [span.as_dict() for span in self.personal_data],
            "reasons": self.reasons,
            "path": self.path,
        }
