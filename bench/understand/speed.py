"""Posts read per second of one core's time, and memory."""

from __future__ import annotations

import resource
import time
from pathlib import Path

from bench.understand.rows import Row
from stormdesk.understand import Text, read
from stormdesk.understand.training import sources


def light(data: Path) -> list[Row]:
    texts = [e.text for e in sources.rusentitweet(data)[:5000] + sources.semeval(data)[:5000]]
    posts = [Text(str(i), text) for i, text in enumerate(texts)]
    read(posts[:600])
    started = time.process_time()
    read(posts)
    rate = len(posts) / (time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return [
        Row("posts per second and core, light", "measured", len(posts), rate, 1000, 3000),
        Row("peak memory of this run, MB", "measured", len(posts), peak),
    ]
