"""Whether a metric rises with depth: rank correlation with the order of layers, and how often chance gives as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from warmstart.statistics.permutation import spearman_permutation_test


def with_depth(values: Sequence[float]) -> dict[str, Any] | None:
    """Spearman's rank correlation of ``values``, in order of depth, with depth: ``spearman`` in [-1, 1]; ``p`` of the
    permutation test; ``n`` layers; ``verdict``. None for fewer than 3 layers or values that are all equal.

    Layers of one network are not independent: p describes these and promises nothing of others.
    """
    n = len(values)
    if n < 3 or len(set(values)) == 1:
        return None
    rho, p = spearman_permutation_test(values, range(n))
    return {"spearman": rho, "p": p, "n": n, "verdict": _verdict(rho, p)}


def _verdict(rho: float, p: float) -> str:
    if p > 0.1:
        return "no clear trend with depth"
    return "rises with depth" if rho > 0 else "falls with depth"
