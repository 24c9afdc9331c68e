"""A threshold that is said to keep a budget keeps it on other brands, too: the bench takes an upper bound."""

from __future__ import annotations

from pathlib import Path

import bench
import numpy as np
import pytest

WEEKS = 7.57


@pytest.fixture
def generated(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(bench.__file__).parent / "detect"))
    import generated

    return generated


def counts(generated, brands: int, rates: list[float], seed: int = 1) -> np.ndarray:
    """False alarms per brand and threshold: brands differ as much as generated ones do."""
    dice = np.random.default_rng(seed)
    columns = []
    for rate in rates:
        own = dice.gamma(2, rate / 2, brands)
        columns.append(dice.poisson(own * WEEKS))
    rest = len(generated.THRESHOLDS) - len(rates)
    return np.array([*columns, *[np.zeros(brands)] * rest]).T


RATES = [0.3, 0.2, 0.15, 0.12, 0.11, 0.09, 0.08, 0.06, 0.04, 0.02]


def test_the_budget_holds_on_brands_nothing_was_tuned_on(generated):
    overruns = 0
    for seed in range(200):
        threshold = generated.allowed(counts(generated, 100, RATES, seed), WEEKS, 0.1)
        place = generated.THRESHOLDS.index(threshold)
        overruns += place < len(RATES) and RATES[place] > 0.1
    assert overruns <= 10


def test_more_brands_allow_a_lower_threshold(generated):
    few, many = (generated.allowed(counts(generated, brands, RATES), WEEKS, 0.1) for brands in (20, 2000))
    assert many < few


def test_too_few_brands_promise_nothing(generated):
    assert generated.allowed(np.zeros((3, len(generated.THRESHOLDS))), 2.0, 0.1) is None


def test_a_lower_threshold_that_happens_to_look_better_is_not_taken(generated):
    false = counts(generated, 100, [0.0, 0.5, *RATES[5:]])
    assert generated.allowed(false, WEEKS, 0.1) > generated.THRESHOLDS[1]
