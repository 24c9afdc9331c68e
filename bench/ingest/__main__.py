"""Every post a mention: match, understand, find copies, store with full text, count. Ratios, not only rates.

    python -m bench.ingest [--posts 20000] [--brands 1000] [--out FILE]

The database is SQLite in a folder of its own; DATABASE_URL chooses PostgreSQL.
The firehose part: posts that are about nobody, matched against many brands (networks receive and decode elsewhere).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

STEP = 500
BEGAN = datetime(2026, 11, 17, 6, tzinfo=UTC)
OPENERS = [
    "why",
    "does",
    "when",
    "is",
    "my",
    "your",
    "this",
    "the",
    "at",
    "from",
    "another",
    "really",
    "finally",
    "never",
    "again",
]
THINGS = [
    "yoghurt",
    "kefir",
    "delivery",
    "refund",
    "lid",
    "batch",
    "flight",
    "bag",
    "card",
    "app",
    "shop",
    "queue",
    "price",
    "support",
    "parcel",
]
WORDS = [
    "late",
    "broken",
    "lovely",
    "swollen",
    "cold",
    "empty",
    "fine",
    "cheap",
    "awful",
    "great",
    "missing",
    "wrong",
    "slow",
    "new",
    "open",
]
RUSSIAN = [
    "крышка",
    "вздулась",
    "возврат",
    "почему",
    "доставка",
    "вкусно",
    "партия",
    "магазин",
    "верните",
    "спасибо",
    "опять",
    "ждать",
]


def posts(number: int, chance: random.Random) -> list[str]:
    """Short posts in two languages, every fifth a near-copy of an earlier one."""
    made: list[str] = []
    for n in range(number):
        if n > 50 and chance.random() < 0.2:
            made.append(f"RT {made[chance.randrange(max(0, n - 2000), n)]}")
            continue
        words = RUSSIAN if chance.random() < 0.4 else OPENERS + THINGS + WORDS
        text = " ".join(chance.choices(words, k=chance.randrange(8, 22)))
        made.append(f"@brand{chance.randrange(1000)} {text} {chance.randrange(10**6)}")
    return made


def timed(work: Callable[[], object]) -> float:
    """Seconds of this process's own time: the machine may be shared."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--brands", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "results" / "ingest.json")
    asked = parser.parse_args()
    os.environ.setdefault("STORMDESK_DATA", tempfile.mkdtemp(prefix="stormdesk-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from stormdesk.listen.actions import ingest
    from stormdesk.listen.matching import Matcher, parse
    from stormdesk.listen.models import Mention, Source
    from stormdesk.networks.base import Author, Batch, Incoming
    from stormdesk.people.models import Brand
    from stormdesk.understand import NarrativeIndex, Text, fold, read, stems

    call_command("migrate", verbosity=0)
    chance = random.Random(7)
    texts = posts(asked.posts, chance)
    items = [
        Incoming(
            "bench", str(n), text, BEGAN + timedelta(seconds=n * 0.05), Author(f"p{n % 900}", f"p{n % 900}")
        )
        for n, text in enumerate(texts)
    ]
    matcher = Matcher({n: parse(f"brand{n} OR @brand{n} OR «марка {n}»") for n in range(asked.brands)})
    strangers = [text.replace("@brand", "@other") for text in texts]
    index = NarrativeIndex()
    parts = {
        "match_about_nobody": timed(lambda: [matcher.match(text) for text in strangers]),
        "fold_alone": timed(lambda: [fold(text) for text in strangers]),
        "match": timed(lambda: [matcher.match(text) for text in texts]),
        "understand": timed(lambda: [read([Text(str(n), t) for n, t in enumerate(texts[s : s + STEP])])
                                     for s in range(0, len(texts), STEP)]),
        "copies": timed(lambda: [index.add(str(n), text, n * 0.05) for n, text in enumerate(texts)]),
        "stems": timed(lambda: [stems(text) for text in texts]),
    }  # fmt: skip
    now = BEGAN + timedelta(days=1)
    brand = Brand.objects.create(name="Bench", slug=f"bench-{os.getpid()}")
    source = Source.objects.create(brand=brand, network="bench", kind="import", name="bench", added_at=BEGAN)

    def store() -> None:
        for start in range(0, len(items), STEP):
            ingest(source=source, batch=Batch(items[start : start + STEP], {"n": start}), now=now)

    whole = timed(store)
    again = timed(store)
    assert Mention.objects.filter(brand=brand).count() == len(items)
    together = parts["understand"] + parts["copies"] + parts["stems"]
    result = {
        "posts": len(items),
        "brands": asked.brands,
        "database": "postgresql" if os.environ.get("DATABASE_URL") else "sqlite",
        "per_second_of_cpu": {
            "every post a mention": round(len(items) / whole),
            "delivered again": round(len(items) / again),
            **{name: round(len(items) / seconds) for name, seconds in parts.items()},
        },
        "whole / (understand + copies + stems)": round(whole / together, 2),
        "match / fold": round(parts["match_about_nobody"] / parts["fold_alone"], 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    asked.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
