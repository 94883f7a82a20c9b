"""Permutation test of Spearman's correlation, for samples too small for its distribution in theory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from warmstart.statistics.ranks import standardised_ranks

MAX_ITEMS_EXACT = 7  # up to which all orders are tried
SHUFFLES = 5000


def spearman_permutation_test(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Spearman's correlation, in [-1, 1], and its two-sided p, in (0, 1]; neither sequence may be constant.

    p is the share of orders of ``first`` whose correlation is as large or larger in absolute value: of all orders of up
    to ``MAX_ITEMS_EXACT`` items, else of ``SHUFFLES`` random ones and the given one.
    Source: C. Spearman, "The proof and measurement of association between two things", American Journal of Psychology
    15 (1904) 72-101.
    """
    n = len(first)
    ranks, others = standardised_ranks(np.array([first, second], dtype=np.float64))
    rho = float(ranks @ others)
    exact = n <= MAX_ITEMS_EXACT
    if exact:
        orders = ranks[np.array(list(permutations(range(n))))]
    else:
        orders = np.random.default_rng(0).permuted(np.broadcast_to(ranks, (SHUFFLES, n)), axis=1)
    as_large = int((np.abs(orders @ others) >= abs(rho) - 1e-9).sum())
    return rho, as_large / len(orders) if exact else (as_large + 1) / (len(orders) + 1)
