"""A share of the training images: stratified, nested, decided by the seed."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.dataset.subset import nested_subset

LABELS = np.repeat([0, 1, 2], [40, 20, 3])


@pytest.mark.parametrize(
    ("share", "counts"), [(0.05, [2, 1, 1]), (0.25, [10, 5, 1]), (0.5, [20, 10, 2]), (1, [40, 20, 3])]
)
def test_each_class_gives_its_share_rounded_up(share: float, counts: list[int]) -> None:
    rows = nested_subset(LABELS, share, 7)
    assert np.bincount(LABELS[rows], minlength=3).tolist() == counts
    assert len(set(rows)) == len(rows) and (np.diff(rows) > 0).all()


def test_a_smaller_share_is_part_of_a_larger_one() -> None:
    small, large = (set(nested_subset(LABELS, share, 7)) for share in (0.1, 0.6))
    assert small < large


def test_the_seed_decides_which() -> None:
    assert nested_subset(LABELS, 0.3, 7).tolist() == nested_subset(LABELS, 0.3, 7).tolist()
    assert nested_subset(LABELS, 0.3, 7).tolist() != nested_subset(LABELS, 0.3, 8).tolist()
