"""Writes docs/measures.md from bench/results/*.json; the page is never edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Measures

Made by `python -m bench report` from `bench/results/*.json`; do not edit. What each bench measures and how to run it:
[bench](../bench/README.md). *Floor* and *target* are what the project set itself. A quick run shows that nothing broke; its
figures are not to be quoted. A load average above the number of cores means that other work shared the machine: then read
ratios and CPU, not seconds.
"""


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A Markdown table; empty cells for None."""
    lines = [
        head,
        ["---"] * len(head),
        *[["" if cell is None else str(cell) for cell in row] for row in rows],
    ]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def understand(rows: list[dict[str, Any]]) -> str:
    """One row per measure, as the bench wrote it."""
    return table(
        ["measure", "how", "n", "value", "floor", "target", "reached"],
        [
            [
                row["measure"],
                row["how"],
                f"{row['count']:,}",
                f"{row['value']:,.1f}",
                number(row["floor"]),
                number(row["target"]),
                row["reached"],
            ]
            for row in rows
        ],
    )


def number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


CRISES = ("scandal", "outage", "recall", "slow")
HARMLESS = ("viral", "campaign", "bots", "spillover")


def detect(result: dict[str, Any]) -> str:
    """The real series, then the generated streams by two hands, histories, the world moved, a thousand brands."""
    small = result["brands"] < 30
    mark = " (quick)" if small else ""
    parts = []
    if small:
        parts.append(
            f"**Quick form, {result['brands']} brands: these figures show that it runs, and nothing else.**\n"
        )
    if real := result.get("real"):
        parts.append(_real(real, mark))
    if told := result.get("published"):
        parts.append(
            f"Our scorer gives {told['same']} of {told['figures']} published scores of two other detectors, file by file, to nine"
            " digits (`bench/detect/published.py`).\n"
        )
    for reading, title in (("generated", "first"), ("second_reading", "second")):
        if reading in result:
            parts.append(_generated(result, reading, title, mark))
    for reading, title in (("generated", "first"), ("second_reading", "second")):
        history = result.get(reading, {}).get("stormdesk", {}).get("learning")
        if history:
            rows = [[span + mark, *one.values()] for span, one in history.items()]
            head = ["history", "recall", "crises", "median delay, min", "false a week"]
            parts.append(
                f"Learning, {title} reading: own alerts at 0.25 by the age of the brand.\n\n"
                + table(head, rows)
            )
    if moved := result.get("sensitivity"):
        rows = [
            [
                world,
                *(
                    one[key]
                    for one in two.values()
                    for key in ("recall", "crises", "median_delay", "false_per_week")
                ),
            ]
            for world, two in moved["worlds"].items()
        ]
        one = ["recall", "crises", "delay", "false a week"]
        parts.append(
            f"Sensitivity: own alerts at 0.25 when one parameter of the world is half or half as much again,"
            f" {moved['brands']} brands, first and second reading.\n\n" + table(["world", *one, *one], rows)
        )
    if crowd := result.get("thousand"):
        parts.append(
            f"{crowd['brands']:,} brands, {crowd['weeks']:g} weeks, live: {crowd['points']:,} points in {crowd['seconds']:,} s of"
            f" CPU ({crowd['microseconds_per_point']} µs a point), peak {crowd['peak_megabytes']} MB; stopped and restored"
            f" {crowd['restarts']} times, {crowd['seconds_per_restart']} s each, {crowd['state_kilobytes']} kB a brand. Target: 1 GB.\n"
        )
    return "\n".join(parts)


def _real(real: dict[str, Any], mark: str) -> str:
    rows = [
        [
            name + mark,
            one["standard"]["score"],
            one["standard"]["left_out"],
            one["low_fp"]["score"],
            one["low_fp"]["left_out"],
            one["low_fp"]["false_per_week"],
            f"{one['low_fp']['strict_hits']}/{one['low_fp']['labels']}",
            one["microseconds_per_point"],
        ]
        for name, one in real.items()
    ]
    head = [
        "detector",
        "standard",
        "left out",
        "low-FP",
        "left out",
        "false a week",
        "strict hits",
        "µs a point",
    ]
    return (
        "Five series of realTweets, scored as NAB does, strictly causal, one fixed threshold. *Left out*: the threshold"
        " comes from the other four. Floor 70 / 60, target 76 / 68; left out 60 / 50, 68 / 62.\n\n"
        + table(head, rows)
    )


def _generated(result: dict[str, Any], reading: str, title: str, mark: str) -> str:
    def found(one: dict[str, Any], kind: str) -> str | None:
        share = one["recall_by_kind"].get(kind)
        if share is None:
            return None
        return f"{share:g}" + (f" ({one['delay_by_kind'][kind]:g})" if share else "")

    rows = [
        [
            name + mark,
            form.replace("at_", "≤ ").replace("own_", "own alerts, ")
            + (": no threshold keeps it" if one.get("threshold", 0) is None else ""),
            one["recall"],
            one["median_delay"],
            f"{one['false_per_week']} ± {one['false_give_or_take']}",
            *(found(one, kind) for kind in CRISES),
            *(one["wrongly_alerted"].get(kind, 0) for kind in HARMLESS),
        ]
        for name, forms in result[reading].items()
        for form, one in forms.items()
        if form != "learning"
    ]
    crises = next(iter(result[reading].values()))["at_0.1"]["crises"]
    head = [
        "detector",
        "budget a week",
        "recall",
        "delay, min",
        "false a week",
        "scandal",
        "outage",
        "recall flood",
    ]
    return (
        f"Generated streams, {title} reading: {result['brands']} brands, {result['weeks']:g} weeks, {crises} crises. Thresholds"
        f" for a budget (≤) come from seeds {result['tuned_on']} on, by the upper bound of their false alarms; judged are seeds"
        f" {result['judged_on']} on. Per kind of crisis: recall (median delay). The last four columns: share of harmless events"
        " that were alerted.\n\n"
        + table([*head, "slow burn", "viral", "campaign", "bots", "spill-over"], rows)
    )


def ingest(result: dict[str, Any]) -> str:
    """The whole way of a mention beside its parts."""
    rates = [[name.replace("_", " "), f"{rate:,}"] for name, rate in result["per_second_of_cpu"].items()]
    rest = [
        [name.replace("_", " "), value] for name, value in result.items() if not isinstance(value, str | dict)
    ]
    return (
        f"On {result['database']}. Target: every post a mention at 3,000 a second, matching alone at 30,000.\n\n"
        + table(["posts per second of CPU", "rate"], rates)
        + "\n"
        + table(["measure", "value"], rest)
    )


def networks(result: dict[str, Any]) -> str:
    """Reading the whole of Bluesky, coming back after a break, requests an hour."""
    rates = [[name.replace("_", " "), f"{rate:,}"] for name, rate in result["per_second_of_cpu"].items()]
    wire, back = result["wire"]["events_per_second_with_server"], result["back_after_a_break"]
    asked = [[name, number] for name, number in result["requests_an_hour"].items()]
    return (
        f"Events of the real network in a box in Jetstream's shape, matched for {result['brands']:,} brands:"
        f" {result['times_real_rate']}× the network's busy hours on one core, {result['times_bare_decoder']}× the work of the"
        f" bare decoder. Over a WebSocket with its server in the same process: {wire:,} events a second. Back after a break"
        f" in {back['p50_ms']} ms (p50) and {back['max_ms']} ms (max), after a pause of half a second to one.\n\n"
        + table(["events per second of CPU", "rate"], rates)
        + "\n"
        + table(["source, asked every minute", "requests an hour"], asked)
    )


def pause(result: dict[str, Any]) -> str:
    """Pressed to held, and to in force, by load."""
    rows = [
        [
            load,
            *(result[load]["holds_after_ms"][q] for q in ("p50", "p99")),
            *(result[load]["in_force_after_ms"][q] for q in ("p50", "p99", "max")),
            result[load].get("times_calm", 1),
            result[load]["rows_written_per_s"],
        ]
        for load in ("calm", "publishers", "flood")
        if load in result
    ]
    head = [
        "load",
        "holds p50, ms",
        "p99",
        "in force p50, ms",
        "p99",
        "max",
        "times calm",
        "rows written a second",
    ]
    return (
        f"{result['pauses']} pauses on {result['database']}. *Holds*: nothing new is taken. *In force*: nothing is on the"
        " wire. Target: in force p99 below 250 ms under load.\n\n" + table(head, rows)
    )


def web(result: dict[str, Any]) -> str:
    """Starts, memory, pages."""
    idle, after = result["idle_memory_mb"], result["memory_after_pages_mb"]
    rows = [
        [
            "first start, packages installed",
            f"{result['first_start_s']} s ({result['first_start_cpu_s']} s CPU)",
            "< 60 s",
        ],
        ["later start", f"{result['later_start_s']} s ({result['later_start_cpu_s']} s CPU)", "< 3 s"],
        ["idle memory of the process tree", f"{idle['sum']} MB", "< 250 MB"],
        ["… after the pages below were read", f"{after['sum']} MB", ""],
        ["import of the posts", f"{result['imported']['stored']:,} in {result['imported']['seconds']} s", ""],
    ]
    pages = [
        [name, one["p50_ms"], one["p95_ms"], one["times_trivial"], one["cpu_ms"]]
        for name, one in result["pages"].items()
    ]
    return (
        table(["measure", "value", "target"], rows)
        + f"\nPages of a desk with {result['imported']['stored']:,} mentions on {result['database']}, one reader. Target: p95"
        " below 150 ms with a million mentions.\n\n"
        + table(["page", "p50, ms", "p95, ms", "times trivial", "CPU, ms"], pages)
    )


SECTIONS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "understand": ("Understanding", understand),
    "detect": ("Detection", detect),
    "ingest": ("Ingest", ingest),
    "networks": ("Networks", networks),
    "pause": ("Pause", pause),
    "web": ("Start, memory, pages", web),
}


def page(results: Path) -> str:
    """The whole page from the results that are there."""
    runs = json.loads((results / "runs.json").read_text("utf-8")) if (results / "runs.json").exists() else {}
    parts = [HEAD]
    for name, (title, form) in SECTIONS.items():
        file = results / f"{name}.json"
        if not file.exists():
            parts.append(f"## {title}\n\nNot measured yet: `python -m bench {name}`.\n")
            continue
        told = f"`python -m bench {name}`"
        if run := runs.get(name):
            told = (
                f"`python -m bench {name}{' --full' if run['form'] == 'full' else ''}`, {run['form']}, {run['at'][:10]}, Python "
                f"{run['python']}, {run['cores']} cores, load average {run['load_average']}, {run['seconds']} s"
            )
        parts.append(f"## {title}\n\n{told}.\n\n{form(json.loads(file.read_text('utf-8')))}")
    return "\n".join(parts)


def write() -> None:
    """Write docs/measures.md."""
    (ROOT / "docs" / "measures.md").write_text(page(ROOT / "bench" / "results"), "utf-8")
