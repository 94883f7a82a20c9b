"""Means over two crossed factors: as wide as both vary, paired, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics.crossed_bootstrap import crossed_means, percentile_interval


def crossed(seed: int, rows: float, columns: float, rest: float = 0.1) -> np.ndarray:
    """Values (20, 100, 1) whose rows and columns have effects of these standard deviations."""
    rng = np.random.default_rng(seed)
    effects = rows * rng.normal(size=(20, 1)) + columns * rng.normal(size=(1, 100))
    return (effects + rest * rng.normal(size=(20, 100)))[:, :, None]


@pytest.mark.parametrize(("rows", "columns"), [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_the_spread_has_what_rows_and_columns_add(rows: float, columns: float) -> None:
    values = crossed(0, rows, columns)
    of_rows, of_columns = values.mean(axis=1).std() / np.sqrt(20), values.mean(axis=0).std() / np.sqrt(100)
    assert crossed_means(values).std() == pytest.approx(np.hypot(of_rows, of_columns), rel=0.1)


def test_the_interval_holds_the_true_mean_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        drawn = crossed_means(crossed(seed, 0.5, 1.0), resamples=400)[:, 0]
        interval = percentile_interval(0.0, drawn, 100)
        held += interval.low <= 0 <= interval.high
    assert 176 <= held <= 200  # 190 expected, and a little more: the variance is, if anything, too large


def test_kinds_see_the_same_resamples_and_a_seed_gives_the_same() -> None:
    values = crossed(1, 1.0, 1.0)
    drawn = crossed_means(np.concatenate([values, values + 1], axis=2))
    assert np.allclose(drawn[:, 1] - drawn[:, 0], 1, atol=1e-4)
    assert np.array_equal(drawn[:, :1], crossed_means(values)) and not np.array_equal(
        drawn[:, :1], crossed_means(values, seed=1)
    )


def test_yes_and_no_are_values_too() -> None:
    right = np.random.default_rng(0).random((20, 100, 2)) < 0.7
    assert crossed_means(right).mean(axis=0) == pytest.approx(right.mean(axis=(0, 1)), abs=0.01)
