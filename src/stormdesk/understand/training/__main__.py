"""`python -m stormdesk.understand.training --data DIR [--only NAME …]`: trains, calibrates and saves the shipped heads."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from stormdesk.understand.head import MODELS
from stormdesk.understand.training.fit import fit, fit_levels
from stormdesk.understand.training.measures import summary
from stormdesk.understand.training.recipes import RECIPES, urgency_examples


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m stormdesk.understand.training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="directory with the labelled sets, one folder each"
    )
    parser.add_argument("--only", nargs="*", choices=[*RECIPES, "urgency"], help="train only these heads")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the heads are written")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        parser.error(f"{options.data} is not a directory: give the folder that holds the labelled sets")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only or [*RECIPES, "urgency"]:
        started = time.monotonic()
        if name == "urgency":
            examples = urgency_examples(options.data)
            head, probabilities, counted = fit_levels(examples)
        else:
            recipe = RECIPES[name]
            examples = recipe.examples(options.data)
            head, probabilities, counted = fit(
                examples,
                recipe.classes(examples),
                strength=recipe.strength,
                buckets=recipe.buckets,
                spoken=name == "language",
                evenly=recipe.evenly,
                measure=None if recipe.measure is None else set(recipe.measure),
            )
        path = options.out / f"{name}.npz"
        head.save(path)
        size = path.stat().st_size // 1000
        sys.stdout.write(f"{name}: {size} kB, {len(examples)} examples, {time.monotonic() - started:.0f} s\n")
        sys.stdout.write(summary(head, examples, probabilities, counted))
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
