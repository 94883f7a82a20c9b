from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from warmstart.statistics.multiple_tests import groups_not_told_apart, holm


def test_holm_multiplies_by_the_tests_that_are_left() -> None:
    assert holm([0.04, 0.001, 0.02]) == pytest.approx([0.04, 0.003, 0.04])
    assert holm([0.7]) == [0.7] and holm([]) == [] and max(holm([0.9, 0.8])) == 1.0


def test_groups_overlap_where_only_the_ends_are_told_apart() -> None:
    assert groups_not_told_apart(3, [(0, 2)]) == [(0, 1), (1, 2)]
    assert groups_not_told_apart(3, [(0, 2), (1, 2)]) == [(0, 1), (2,)]
    assert groups_not_told_apart(3, []) == [(0, 1, 2)] and groups_not_told_apart(0, []) == []


@pytest.mark.parametrize("seed", range(10))
def test_groups_are_the_largest_ones_without_a_pair_told_apart(seed: int) -> None:
    n = 7
    pairs = list(combinations(range(n), 2))
    drawn = np.random.default_rng(seed).random(len(pairs)) < 0.4
    apart = [pair for pair, one in zip(pairs, drawn, strict=True) if one]
    sets = [group for size in range(1, n + 1) for group in combinations(range(n), size)]
    whole = [group for group in sets if not set(combinations(group, 2)) & set(apart)]
    largest = [group for group in whole if not any(set(group) < set(other) for other in whole)]
    assert groups_not_told_apart(n, apart) == sorted(largest)
