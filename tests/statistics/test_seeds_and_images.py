"""Mean accuracies over seeds: how often their interval holds the truth, and what makes it wider."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from warmstart.statistics.paired_tests import compare_paired
from warmstart.statistics.seeds_and_images import compare_over_seeds, mean_over_seeds


def answers(rng: np.random.Generator, seeds: int, n: int, luck: float, hard: np.ndarray) -> np.ndarray:
    """Whether each seed's network is right, bool (seeds, n). luck: how much seeds differ. hard: of each image."""
    own = hard + rng.normal(0, 0.7, n) + luck * rng.normal(size=(seeds, 1)) + rng.normal(0, 0.7, (seeds, n))
    return np.asarray(own < 2.0)


@pytest.mark.parametrize(("seeds", "n", "luck"), [(3, 200, 0.0), (3, 200, 0.5), (5, 100, 0.3), (2, 400, 0.3)])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(seeds: int, n: int, luck: float) -> None:
    rng, held, found, runs = np.random.default_rng(1), 0, 0, 400
    for _ in range(runs):
        hard = rng.normal(0, 1.5, n)
        first, second = (answers(rng, seeds, n, luck, hard) for _ in range(2))
        compared = compare_over_seeds(first, second)  # recipes of the same accuracy
        held += compared.difference.low <= 0 <= compared.difference.high
        found += compared.beyond_noise
    assert held / runs >= 0.93 and held + found == runs
    assert held / runs <= (0.99 if seeds > 2 else 1.0)  # of two seeds little is known


def test_treating_all_answers_as_independent_is_far_too_sure() -> None:
    rng, held, runs = np.random.default_rng(2), 0, 200
    for _ in range(runs):
        hard = rng.normal(0, 1.5, 200)
        first, second = (answers(rng, 3, 200, 0.5, hard).ravel() for _ in range(2))
        difference = compare_paired(first, second).difference
        held += difference.low <= 0 <= difference.high
    assert held / runs < 0.8


def test_luck_of_the_seed_widens_the_interval_and_that_over_seeds_but_not_that_over_images() -> None:
    right = np.arange(200) < 180
    same = np.stack([right] * 3)
    apart = np.stack([np.roll(right, -20 * k) & (np.arange(200) < 180 - 30 * k) for k in range(3)])
    other = np.stack([np.arange(200) >= 40] * 3)
    calm, lucky = compare_over_seeds(same, other), compare_over_seeds(apart, other)
    assert calm.over is not None and lucky.over is not None
    assert width(calm.over.seeds) == pytest.approx(0, abs=1e-9)  # no seed differs from another
    assert width(calm.difference) == pytest.approx(width(calm.over.images), rel=0.01)
    assert width(lucky.difference) > 2 * width(calm.difference)
    assert width(lucky.difference) >= max(width(lucky.over.images), width(lucky.over.seeds))
    assert width(calm.difference) >= width(calm.over.images)
    assert (lucky.over.images.n, lucky.over.seeds.n, lucky.difference.n) == (200, 3, 200)


def test_on_the_images_as_they_are_it_is_welchs_t_test() -> None:
    rng = np.random.default_rng(3)
    first, second = (answers(rng, 4, 300, 0.3, rng.normal(0, 1.5, 300)) for _ in range(2))
    found = compare_over_seeds(first, second).over
    welch = ttest_ind(first.mean(axis=1), second.mean(axis=1), equal_var=False).confidence_interval(0.95)
    assert found is not None and (found.seeds.low, found.seeds.high) == pytest.approx((welch.low, welch.high))


def test_it_has_a_width_and_no_certainty_where_all_are_always_right() -> None:
    right = np.ones((3, 50), dtype=bool)
    compared = compare_over_seeds(right, right)
    assert compared.difference.low < 0 < compared.difference.high and compared.p == 1 and not compared.beyond_noise


def test_it_claims_no_more_than_over_seeds_or_over_images_alone() -> None:
    rng = np.random.default_rng(4)
    for luck in (0.0, 0.3) * 20:
        hard = rng.normal(0, 1.5, 150)
        first, second = answers(rng, 3, 150, luck, hard), answers(rng, 3, 150, luck, hard + 1)
        found = compare_over_seeds(first, second)
        assert found.over is not None
        for alone in (found.over.images, found.over.seeds):
            assert found.difference.low <= alone.low and alone.high <= found.difference.high
        assert (found.p < 0.05) == (found.difference.low > 0 or found.difference.high < 0) == found.beyond_noise


def test_counts_are_those_of_a_network_of_each_and_the_other_way_round_is_the_mirror_image() -> None:
    first, second = np.array([[1, 1, 1, 0]] * 2, dtype=bool), np.array([[1, 0, 0, 0], [1, 1, 0, 0]], dtype=bool)
    there, back = compare_over_seeds(first, second), compare_over_seeds(second, first)
    assert there.difference.value == pytest.approx(0.375) and (there.both, there.first_only, there.neither) == (2, 2, 0)
    assert (back.difference.low, back.difference.high) == (-there.difference.high, -there.difference.low)
    assert back.p == there.p


def test_seeds_have_a_t_interval() -> None:
    found = mean_over_seeds([0.90, 0.92, 0.94])
    assert (found.value, found.n) == (pytest.approx(0.92), 3)
    assert found.high - found.value == pytest.approx(4.302653 * 0.02 / 3**0.5, rel=1e-5)
    with pytest.raises(ValueError, match="spread"):
        mean_over_seeds([0.9])


def test_answers_that_do_not_fit_are_refused() -> None:
    right = np.ones((2, 5), dtype=bool)
    for other in (np.ones((2, 4), dtype=bool), np.ones((1, 5), dtype=bool), np.ones(5, dtype=bool)):
        with pytest.raises(ValueError, match="seeds"):
            compare_over_seeds(right, other)


def width(interval: object) -> float:
    return interval.high - interval.low  # type: ignore[attr-defined,no-any-return]
