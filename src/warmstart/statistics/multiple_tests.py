"""Several tests at once: p-values that allow for how many there are, and groups that no test tells apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number, in [0, 1], in the given order.

    With them, the chance of any false finding stays below the level of the test.
    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979) 65-70.
    """
    corrected, largest, n = [0.0] * len(p_values), 0.0, len(p_values)
    for rank, index in enumerate(sorted(range(n), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (n - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def groups_not_told_apart(n: int, apart: Collection[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The largest groups of the items 0 … n−1 in which no pair is in ``apart``, ascending. An item may be in several
    groups, and is alone in one where it is told apart from all others.

    Source: the insert-and-absorb algorithm of H.-P. Piepho, "An algorithm for a letter-based representation of
    all-pairwise comparisons", Journal of Computational and Graphical Statistics 13 (2004) 456-466.
    """
    groups = {frozenset(range(n))} if n else set()
    for first, second in apart:
        split = {group for group in groups if {first, second} <= group}
        parts = {group - {item} for group in split for item in (first, second)}
        groups = (groups - split) | parts
        groups = {group for group in groups if not any(group < other for other in groups)}
    return sorted(tuple(sorted(group)) for group in groups)
