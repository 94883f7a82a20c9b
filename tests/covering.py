"""Few rows of many choices that between them hold every option, or every pair of options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

Row = dict[str, str]
DRAWN, CANDIDATES = 6000, 300


def covering_rows(
    axes: Mapping[str, Sequence[str]],
    strength: int,
    matters: Callable[[Row, str], bool],
    possible: Callable[[Row], bool] = lambda row: True,
    cost: Callable[[Row], float] = lambda row: 0.0,
) -> list[Row]:
    """Rows with a value for every axis, so that every combination of values of ``strength`` axes is in one of them.

    matters: whether an axis has any effect in a row; where it has none, the row covers nothing of it, and combinations
    that never have any are left out, as are rows that are not possible. Of rows that cover as much, the one of least
    cost is taken. The best of some rows drawn at random, again and again; always the same for the same axes.
    """
    rng = np.random.default_rng(0)

    def covered(row: Row) -> set[tuple[tuple[str, str], ...]]:
        return set(combinations([(axis, value) for axis, value in row.items() if matters(row, axis)], strength))

    drawn = (
        {axis: values[rng.integers(len(values))] for axis, values in axes.items()} for _ in range(DRAWN * strength)
    )
    pool = [(row, covered(row)) for row in drawn if possible(row)]
    left = set().union(*(combination for _, combination in pool))
    rows = []
    while left:
        some = [pool[place] for place in rng.integers(len(pool), size=CANDIDATES)]
        if not any(its & left for _, its in some):
            some = pool
        row, its = max(some, key=lambda one: (len(one[1] & left), -cost(one[0])))
        left -= its
        rows.append(row)
    return rows
