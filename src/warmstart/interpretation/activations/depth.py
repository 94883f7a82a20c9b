"""Whether a figure rises with depth: rank correlation with the order of layers, and how often chance gives as much."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from warmstart.interpretation.correlation import standard_ranks

EXACT = 7  # layers up to which all orders are tried
SHUFFLES = 5000


def with_depth(values: Sequence[float]) -> dict[str, Any] | None:
    """Spearman's rank correlation of ``values``, in order of depth, with depth: ``spearman`` in [-1, 1]; ``p``, the share of
    orders of the same values that give as large an absolute value or larger (all orders of up to 7 layers, else 5,000 random
    ones); ``n`` layers; ``verdict``. None for fewer than 3 layers or values that are all equal.

    Source: C. Spearman, "The proof and measurement of association between two things", American Journal of Psychology 15
    (1904) 72-101. Layers of one network are not independent: p describes these, it does not promise the same of others.
    """
    n = len(values)
    if n < 3 or len(set(values)) == 1:
        return None
    ranks, depth = standard_ranks(np.array([values, range(n)], dtype=np.float64))
    rho = float(ranks @ depth)
    if n <= EXACT:
        orders = ranks[np.array(list(permutations(range(n))))]
    else:
        rng = np.random.default_rng(0)
        orders = rng.permuted(np.broadcast_to(ranks, (SHUFFLES, n)), axis=1)
    as_large = int((np.abs(orders @ depth) >= abs(rho) - 1e-9).sum())
    p = as_large / len(orders) if n <= EXACT else (as_large + 1) / (len(orders) + 1)  # the order seen is one of them
    return {"spearman": rho, "p": p, "n": n, "verdict": _verdict(rho, p)}


def _verdict(rho: float, p: float) -> str:
    if p > 0.1:
        return "no clear trend with depth"
    return "rises with depth" if rho > 0 else "falls with depth"
