"""How far two labellers agree on the own posts: `python -m stormdesk.understand.training.agreement`.

Every fifth post was labelled a second time from its text alone (`second/`). The share of equal labels is given beside
Cohen's kappa, which takes off the agreement that chance would bring (J. Cohen, A coefficient of agreement for nominal
scales, 1960). For urgency, an ordered scale, disagreements weigh by the square of their distance (J. Cohen, Weighted
kappa, 1968).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.metrics import cohen_kappa_score

from stormdesk.understand.training.sources import NEEDS, own_posts

FIELDS = (*NEEDS, "sentiment")
Labelled = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one field in one language. `equal` is a share from 0 to 1; `kappa` is None where it is undefined."""

    language: str
    field: str
    posts: int
    equal: float
    kappa: float | None


def second_labels() -> list[dict[str, str | int]]:
    """The labels given a second time, by someone who had not seen the first: `id` and the five fields."""
    files = sorted(Path(__file__).with_name("second").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def kappa(first: Sequence[str | int], second: Sequence[str | int], *, ordered: bool = False) -> float | None:
    """Cohen's kappa, quadratic weights if `ordered` (whole numbers); None if both only ever used one same label."""
    used = {*first, *second}
    if len(used) < 2:
        return None
    if not ordered:
        return float(cohen_kappa_score(first, second))
    # Levels nobody used are named too: without them 3 would stand as near to 1 as 2 does.
    scale = list(range(int(min(used)), int(max(used)) + 1))
    return float(cohen_kappa_score(first, second, labels=scale, weights="quadratic"))


def agreements(posts: Iterable[Labelled], second: Iterable[Labelled]) -> list[Agreement]:
    """One row for each language and field. Raises KeyError if a second label belongs to no post."""
    known = {post["id"]: post for post in posts}
    pairs = [(known[labels["id"]], labels) for labels in second]
    found = []
    for language in sorted({str(post["lang"]) for post, _ in pairs}):
        spoken = [pair for pair in pairs if pair[0]["lang"] == language]
        for field in FIELDS:
            one = [post[field] for post, _ in spoken]
            two = [labels[field] for _, labels in spoken]
            equal = sum(a == b for a, b in zip(one, two, strict=True)) / len(spoken)
            value = kappa(one, two, ordered=field == "urgency")
            found.append(Agreement(language, field, len(spoken), equal, value))
    return found


def table(found: Iterable[Agreement]) -> str:
    """The rows as a Markdown table."""
    lines = ["| language | field | posts | equal, % | kappa |", "|---|---|---:|---:|---:|"]
    for row in found:
        value = "–" if row.kappa is None else f"{row.kappa:.2f}"
        lines.append(f"| {row.language} | {row.field} | {row.posts} | {100 * row.equal:.1f} | {value} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table(agreements(own_posts(), second_labels())) + "\n")
