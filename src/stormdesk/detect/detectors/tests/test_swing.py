"""What is usual is learnt from calm and hardly from storms."""

from __future__ import annotations

import math
import random

from stormdesk.detect.detectors.swing import Swing


def learnt(storm: float, steps: int = 4000) -> Swing:
    dice = random.Random(4)
    swing = Swing((0.04,), minutes=5)
    for _ in range(steps):
        swing.learn(0, dice.gauss(0.1, 0.3) if dice.random() >= storm else 3.0, counting=0.01)
    return swing


def test_middle_and_spread_are_found():
    swing = learnt(storm=0)
    assert abs(swing.middle[0] - 0.1) < 0.1
    assert 0.05 < swing.spread[0] < 0.13  # 0.3 squared is 0.09, of which counting explains 0.01


def test_storms_move_them_little():
    calm, stormy = learnt(storm=0), learnt(storm=0.1)
    assert stormy.middle[0] - calm.middle[0] < 0.15
    assert stormy.spread[0] < 2 * calm.spread[0]


def test_over_many_hours_a_storm_teaches_a_third_as_much():
    swing = Swing((0.04, 0.04), minutes=5, longer=1)
    for _ in range(200):
        swing.learn(0, 3.0, counting=0.01)
        swing.learn(1, 3.0, counting=0.01)
    sooner, later = (math.log(spread / 0.04) for spread in swing.spread)
    assert 0 < later < 0.4 * sooner


def test_no_spread_is_ever_nothing_or_endless():
    swing = Swing((0.04,), minutes=1440)
    for value in [0.0] * 500 + [1e6, -1e6] * 500:
        swing.learn(0, value, counting=0.0)
        assert 0 < swing.spread[0] <= 1
        assert math.isfinite(swing.middle[0])
