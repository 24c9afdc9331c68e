"""`python -m stormdesk.understand.training [evaluate] --data DIR`: trains, calibrates and saves the shipped heads, or only says how good they are."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from stormdesk.understand.encoder import available
from stormdesk.understand.head import MODELS
from stormdesk.understand.network import Network
from stormdesk.understand.toward import word_hash
from stormdesk.understand.training.crossing import Vectors, cross, networks
from stormdesk.understand.training.measures import summary, urgency_summary
from stormdesk.understand.training.recipes import RECIPES, SHIPPED_QUESTIONS
from stormdesk.understand.training.sources import FOLDS, common_words


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m stormdesk.understand.training", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("train", "evaluate"), default="train")
    parser.add_argument(
        "--data", type=Path, required=True, help="directory with the labelled sets, one folder each"
    )
    parser.add_argument(
        "--only", nargs="*", choices=RECIPES, help="only these heads; the network stays as it is"
    )
    parser.add_argument("--light", action="store_true", help="without the sentence encoder and the network")
    parser.add_argument(
        "--vectors", type=Path, help="keep the encoder's numbers in this .npz file between runs"
    )
    parser.add_argument("--out", type=Path, default=MODELS, help="where the heads are written")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        parser.error(f"{options.data} is not a directory: give the folder that holds the labelled sets")
    if not options.light and not available():
        parser.error("the sentence encoder is not installed: install it or give --light")
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()

    def say(what: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - started:.0f} s] {what}\n")
        sys.stdout.flush()

    if options.what == "train" and not options.only:
        hashes = sorted({word_hash(word) for word in common_words(options.data)})
        np.savez_compressed(options.out / "common.npz", hashes=np.array(hashes, dtype=np.uint32))
        say(f"{len(hashes)} common words")
    # One thread: sums in another order would be other bytes.
    with threadpool_limits(1):
        vectors, trained = None, None
        if not options.light:
            vectors = Vectors(options.vectors)
            keep_all = options.what == "train" and not options.only
            folds: list[int | None] = [*range(FOLDS), *([None] if keep_all else [])]
            trained = networks(options.data, vectors, folds, say)
            if keep_all:
                _shipped(trained[None]).save(options.out / "network.npz")
        levels = {}
        for name in options.only or RECIPES:
            found = cross(name, options.data, vectors, trained)
            say(f"{name}: {len(found.examples)} examples, shares {found.head.shares.round(2).tolist()}")
            sys.stdout.write(summary(found))
            if name.startswith("urgency"):
                levels[name[-1]] = found
            if options.what == "train":
                found.head.save(options.out / f"{name}.npz")
        if len(levels) == 3:
            sys.stdout.write(urgency_summary(levels))
    return 0


def _shipped(network: Network) -> Network:
    """The network without the questions that only taught it."""
    return Network(
        network.mean,
        network.deviation,
        network.weights,
        network.bias,
        {name: network.labels[name] for name in SHIPPED_QUESTIONS},
        {name: network.outputs[name] for name in SHIPPED_QUESTIONS},
    )


if __name__ == "__main__":
    sys.exit(main())
