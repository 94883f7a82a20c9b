"""What a learning curve answers, on networks whose errors follow a known law."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.comparison.learning_curve.chart import curve_chart
from warmstart.comparison.learning_curve.finished_curve import FinishedCurve
from warmstart.comparison.learning_curve.summarise import summarise
from warmstart.drawing.chart import assign_colours
from warmstart.records.learning_curve import CurveOrigin, LearningCurve, PointRow
from warmstart.records.run_identity import Family

SHARES = [0.05, 0.1, 0.25, 0.5, 1.0]
N_TRAIN, N_TEST = 2000, 4000
LABELS = np.tile([0, 1], N_TEST // 2)


def curve(recipe: str, family: Family, law: tuple[float, float, float], seeds: int = 3) -> FinishedCurve:
    """Networks that are wrong on a random share of the images: floor + excess · (n / 2000)^-exponent."""
    rng = np.random.default_rng(len(recipe))
    rows, probabilities = [], []
    difficulty = rng.random(N_TEST)  # of an image, the same at every size
    for share in SHARES:
        for seed in range(seeds):
            error = law[0] + law[1] * share ** -law[2]
            wrong = difficulty + rng.normal(0, 0.02, N_TEST) < error
            answer = np.where(wrong, 1 - LABELS, LABELS)
            probabilities.append(np.stack([1.0 - answer, answer], axis=1))
            rows.append(PointRow(recipe, share, round(share * N_TRAIN), seed, 1 - wrong.mean(), 9, 5, 100, 1.0))
    origin = CurveOrigin(recipe, family, "digest", SHARES, list(range(seeds)))
    return FinishedCurve(origin, rows, np.array(probabilities).reshape(len(SHARES), seeds, N_TEST, 2))


def summary(*curves: FinishedCurve) -> LearningCurve:
    return summarise(curves, LABELS, "accuracy", 0.95)


def test_the_law_behind_the_networks_is_within_the_intervals() -> None:
    law = (0.03, 0.07, 0.5)
    found = summary(curve("scratch", "scratch", law)).recipes[0].law
    assert found is not None
    assert found.doubled.low < 0.07 * (1 - 2**-0.5) < found.doubled.high
    assert found.foretold is not None and found.foretold.low < 0.9 < found.foretold.high
    needed = N_TRAIN * (0.06 / 0.07) ** -2
    assert found.one_point.low is not None and found.one_point.low < needed
    assert found.one_point.high is None or needed < found.one_point.high


def test_a_recipe_that_catches_up_is_said_to_where_it_does() -> None:
    slow, fast = curve("scratch", "scratch", (0.0, 0.08, 0.5)), curve("features", "transfer", (0.05, 0.01, 0.4))
    found = summary(slow, fast).catch_up
    assert found is not None and found.n is not None and found.n.value is not None
    sizes = np.geomspace(100, 20_000, 4000)
    true = sizes[np.argmax(0.08 * (sizes / 2000) ** -0.5 <= 0.05 + 0.01 * (sizes / 2000) ** -0.4)]
    assert (found.n.low or 0) < true < (found.n.high or np.inf)
    assert found.share is not None and found.share > 0.9


def test_one_that_never_does_is_not() -> None:
    slow, fast = curve("scratch", "scratch", (0.15, 0.05, 0.5)), curve("features", "transfer", (0.01, 0.02, 0.5))
    found = summary(slow, fast).catch_up
    assert found is not None and found.n is not None
    assert found.n.value is None and found.share == 0
    assert found.enough == 100, "even the smallest set does with pretraining what the largest does not without"
    assert found.difference is not None and found.difference.low > 0


def test_balanced_accuracy_counts_each_class_the_same() -> None:
    one = curve("scratch", "scratch", (0.1, 0.05, 0.5))
    rare = np.where(np.arange(N_TEST) < 3600, 0, 1)  # another truth for the same answers
    accuracy, balanced = (
        summarise([one], rare, metric, 0.95).recipes[0].sizes[-1].mean.value
        for metric in ("accuracy", "balanced_accuracy")
    )
    right = one.probabilities[-1].argmax(-1) == rare
    assert accuracy == pytest.approx(right.mean())
    assert balanced == pytest.approx((right[:, rare == 0].mean() + right[:, rare == 1].mean()) / 2)


def test_the_answers_are_the_same_each_time() -> None:
    one = curve("scratch", "scratch", (0.1, 0.05, 0.5))
    assert summary(one) == summary(one)


def test_its_colours_are_those_of_the_other_charts() -> None:
    figure = curve_chart(summary(curve("features", "transfer", (0.05, 0.05, 0.5))), ["scratch", "features"])
    drawn = {line.get_color() for line in figure.axes[0].lines}
    assert drawn == {assign_colours(["scratch", "features"])["features"]}
