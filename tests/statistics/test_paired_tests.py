from __future__ import annotations

from math import comb

import numpy as np
import pytest

from warmstart.statistics.paired_tests import compare_paired, mcnemar, newcombe_interval


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (5, 5), (5, 6), (12, 2), (0, 30), (1400, 1300), (3000, 10)])
def test_mcnemar_is_the_exact_binomial_test(b: int, c: int) -> None:
    n = b + c
    reference = min(1.0, 2 * sum(comb(n, k) for k in range(min(b, c) + 1)) / 2**n)
    assert mcnemar(b, c) == pytest.approx(reference, rel=1e-8)
    assert mcnemar(b, c) == mcnemar(c, b)


def test_difference_turns_round_with_the_recipes() -> None:
    there, back = newcombe_interval(70, 20, 5, 5), newcombe_interval(70, 5, 20, 5)
    assert there.value == 0.15
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))


def test_difference_agrees_with_a_paired_bootstrap_where_that_is_sound() -> None:
    counts = np.array([700, 150, 60, 90])
    ours = newcombe_interval(*counts.tolist())
    drawn = np.random.default_rng(0).multinomial(1000, counts / 1000, 20000)
    low, high = np.percentile((drawn[:, 1] - drawn[:, 2]) / 1000, [2.5, 97.5])
    assert (ours.low, ours.high) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))


def test_difference_covers_the_truth_about_as_often_as_it_says() -> None:
    shares = np.array([0.80, 0.12, 0.03, 0.05])
    drawn = np.random.default_rng(1).multinomial(100, shares, 1500)
    inside = [i.low <= 0.09 <= i.high for i in (newcombe_interval(*row) for row in drawn.tolist())]
    assert 0.93 < np.mean(inside) < 0.98


def test_perfect_agreement_still_has_a_width() -> None:
    interval = newcombe_interval(45, 0, 0, 5)
    assert interval.value == 0 and interval.low < -0.01 and interval.high > 0.01
    assert newcombe_interval(50, 0, 0, 0).high > 0


def test_pairing_narrows_the_interval_when_answers_go_together() -> None:
    together, apart = newcombe_interval(80, 10, 0, 10), newcombe_interval(72, 18, 8, 2)
    assert together.value == apart.value == 0.1
    assert together.high - together.low < apart.high - apart.low


def test_counts_and_noise() -> None:
    first = np.array([True] * 60 + [True] * 30 + [False] * 4 + [False] * 6)
    second = np.array([True] * 60 + [False] * 30 + [True] * 4 + [False] * 6)
    result = compare_paired(first, second)
    assert (result.both, result.first_only, result.second_only, result.neither, result.n) == (60, 30, 4, 6, 100)
    assert result.difference.value == pytest.approx(0.26) and result.beyond_noise
    assert not compare_paired(second, first.copy()).difference.value > 0
    assert not compare_paired(first[58:62], second[58:62]).beyond_noise
    with pytest.raises(ValueError):
        compare_paired(first, second[:-1])
