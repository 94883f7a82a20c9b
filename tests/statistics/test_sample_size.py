from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics.paired_tests import mcnemar
from warmstart.statistics.sample_size import detectable_difference, images_needed


@pytest.mark.parametrize(("first_only", "second_only", "level"), [(30, 15, 0.05), (20, 6, 0.05), (40, 20, 0.05 / 21)])
def test_so_many_images_find_the_difference_about_as_often_as_promised(
    first_only: int, second_only: int, level: float
) -> None:
    needed = images_needed(first_only, second_only, 200, level)
    assert needed is not None
    shares = [first_only / 200, second_only / 200, 1 - (first_only + second_only) / 200]
    drawn = np.random.default_rng(0).multinomial(needed, shares, 400)
    assert 0.7 < np.mean([mcnemar(first, second) < level for first, second, _ in drawn.tolist()]) < 0.88


def test_a_smaller_difference_or_a_stricter_level_takes_more_images() -> None:
    needed = [images_needed(*pair, 1000, 0.05) for pair in ((40, 10), (40, 20), (40, 28))]
    assert None not in needed and needed == sorted(needed) and needed[0] < needed[2] / 5  # type: ignore[operator,type-var]
    assert (images_needed(40, 20, 1000, 0.01) or 0) > (images_needed(40, 20, 1000, 0.05) or 0)
    assert images_needed(10, 40, 1000, 0.05) == images_needed(40, 10, 1000, 0.05)


@pytest.mark.parametrize("counts", [(0, 0), (7, 7), (3, 2), (50, 44)])
def test_a_difference_within_its_standard_error_gives_no_number(counts: tuple[int, int]) -> None:
    assert images_needed(*counts, 1000, 0.05) is None


def test_the_smallest_difference_is_the_one_that_needs_these_images() -> None:
    found = detectable_difference(0.06, 1000, 0.05)
    assert found is not None
    more = round(found * 1e6)
    second_only = round((0.06e6 - more) / 2)
    assert images_needed(second_only + more, second_only, 10**6, 0.05) == pytest.approx(1000, rel=0.01)
    assert detectable_difference(0.0, 1000, 0.05) is None
    assert detectable_difference(0.01, 40, 0.05) is None  # one image and nobody would call it a difference
