"""Copies beside datasketch, and stories told in different words: storms written by hand, and bank questions by intent."""

from __future__ import annotations

import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.understand.compare_personal import SETS
from bench.understand.made import copy_stream
from bench.understand.rows import Row
from stormdesk.understand.narrative import STORIES, Allowance, NarrativeIndex
from stormdesk.understand.narrative.words import plain
from stormdesk.understand.training import sources

_BATCH = 500
_SEEDS = (1, 2, 3)
_AROUND = 3_000
_QUESTIONS = 4_000
_AS_THE_COMMAND = Allowance(1_000, 0.01)


def _narratives(
    texts: Sequence[str], *, allowance: Allowance | None = None, stories: int = STORIES
) -> list[str]:
    index = NarrativeIndex(stories=stories, allowance=allowance)
    placed: list[str] = []
    for start in range(0, len(texts), _BATCH):
        batch = [
            (str(start + i), text, float(start + i)) for i, text in enumerate(texts[start : start + _BATCH])
        ]
        placed += [found.narrative for found in index.add_all(batch)]
    return placed


def storms(name: str) -> list[tuple[str, str]]:
    """(storm, post) of a set; posts of no storm each stand for themselves."""
    found, current = [], ""
    for line in (SETS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("%% "):
            current = line[3:]
        elif line and not line.startswith("#"):
            found.append((f"alone {len(found)}" if current == "noise" else current, line))
    return found


def pairs(truth: Sequence[str], said: Sequence[str], counted: set[str]) -> tuple[float, float]:
    """Precision and recall of pairs put together, over narratives that hold a post of a counted group."""
    together: dict[str, Counter[str]] = defaultdict(Counter)
    for group, narrative in zip(truth, said, strict=True):
        together[narrative][group] += 1

    def two(count: int) -> int:
        return count * (count - 1) // 2

    right = sum(two(c) for found in together.values() for g, c in found.items() if g in counted)
    put = sum(two(found.total()) for found in together.values() if counted & found.keys())
    wanted = sum(two(c) for g, c in Counter(truth).items() if g in counted)
    return right / max(1, put), right / max(1, wanted)


def told(data: Path) -> Iterator[Row]:
    """Storms in different words among strangers' posts."""
    ordinary = [e.text for e in sources.rusentitweet(data)[:_AROUND] + sources.semeval(data)[:_AROUND]]
    for name, how in (("storms_aside", "by hand, aside"), ("storms_tuning", "by hand, tuned on")):
        precise, found = [], []
        for seed in _SEEDS:
            stream = storms(name) + [(f"ordinary {i}", text) for i, text in enumerate(ordinary)]
            random.Random(seed).shuffle(stream)
            truth = [group for group, _ in stream]
            counted = {group for group in truth if not group.startswith(("alone", "ordinary"))}
            precision, recall = pairs(truth, _narratives([text for _, text in stream]), counted)
            precise.append(100 * precision)
            found.append(100 * recall)
        count = len(storms(name))
        yield Row("stories in other words, pairs right, %", how, count, sum(precise) / len(_SEEDS))
        yield Row("  pairs found, %", how, count, sum(found) / len(_SEEDS))


def intents(data: Path) -> Iterator[Row]:
    """77 intents of bank questions: far finer than narratives, and never used for tuning."""
    from sklearn.metrics import normalized_mutual_info_score

    rows = list(sources.rows(data / "banking77_en" / "train.csv.gz"))
    random.Random(1).shuffle(rows)
    rows = rows[:_QUESTIONS]
    truth = [row["label"] for row in rows]
    said = _narratives([row["text"] for row in rows])
    sizes = Counter(said)
    grouped = [(a, b) for a, b in zip(truth, said, strict=True) if sizes[b] > 1]
    majority: dict[str, Counter[str]] = defaultdict(Counter)
    for a, b in grouped:
        majority[b][a] += 1
    pure = sum(c.most_common(1)[0][1] for c in majority.values()) / max(1, len(grouped))
    precision, recall = pairs(truth, said, set(truth))
    count = len(rows)
    yield Row("bank questions, purity of narratives, %", "public", len(grouped), 100 * pure)
    yield Row(
        "  normalised mutual information, %", "public", count, 100 * normalized_mutual_info_score(truth, said)
    )
    yield Row("  F1 of pairs, %", "public", count, 200 * precision * recall / max(1e-9, precision + recall))


def copies(data: Path) -> Iterator[Row]:
    """Recall, purity and time of ours (copies alone, and as the command runs) and of datasketch on one stream."""
    stream = copy_stream(data)
    texts = [text for _, text in stream]
    ways = [
        ("ours", lambda: _narratives(texts, stories=0)),
        ("ours with stories", lambda: _narratives(texts, allowance=_AS_THE_COMMAND)),
    ]
    try:
        import datasketch  # noqa: F401

        ways.append(("datasketch", lambda: _datasketch(texts)))
    except ImportError:
        yield Row("copies beside datasketch", "datasketch is not installed", 0, float("nan"))
    for title, way in ways:
        started = time.process_time()
        said = way()
        seconds = time.process_time() - started
        first: dict[int, str] = {}
        asked = hits = 0
        members: dict[str, Counter[int]] = defaultdict(Counter)
        for (number, _), narrative in zip(stream, said, strict=True):
            members[narrative][number] += 1
            if number in first:
                asked += 1
                hits += narrative == first[number]
            first.setdefault(number, narrative)
        grouped = [c for c in members.values() if c.total() > 1]
        pure = sum(c.most_common(1)[0][1] for c in grouped) / sum(c.total() for c in grouped)
        yield Row(f"copies, recall, %: {title}", "made", asked, 100 * hits / asked)
        yield Row(f"  purity, %: {title}", "made", len(grouped), 100 * pure)
        yield Row(
            f"  CPU seconds per 100,000: {title}",
            "made",
            len(stream),
            seconds / len(stream) * 100_000,
            less=True,
        )


def _datasketch(texts: Sequence[str]) -> list[str]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.5, num_perm=64)
    known: dict[str, object] = {}
    narrative: dict[str, str] = {}
    said = []
    for number, text in enumerate(texts):
        words = plain(text)
        sketch = MinHash(num_perm=64)
        sketch.update_batch([words[i : i + 5].encode() for i in range(max(1, len(words) - 4))])
        near = [key for key in index.query(sketch) if sketch.jaccard(known[key]) >= 0.5]
        best = max(near, key=lambda key: (sketch.jaccard(known[key]), -int(key)), default=None)
        key = str(number)
        narrative[key] = narrative[best] if best else key
        said.append(narrative[key])
        index.insert(key, sketch)
        known[key] = sketch
    return said


def memory(data: Path) -> Iterator[Row]:
    """A million posts stream through: memory after a fifth of them and at the end."""
    texts = [e.text for e in sources.rusentitweet(data) + sources.semeval(data)]
    index = NarrativeIndex(stories=STORIES, posts=100_000, allowance=_AS_THE_COMMAND)
    made = random.Random(1)
    for number in range(0, 1_000_000, _BATCH):
        batch = []
        for i in range(number, number + _BATCH):
            words = texts[made.randrange(len(texts))].split()
            made.shuffle(words)
            batch.append((str(i), " ".join(words[:12]), float(i)))
        index.add_all(batch)
        if number + _BATCH in (200_000, 1_000_000):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            yield Row("narratives, peak memory, MB", "measured", number + _BATCH, peak, less=True)
