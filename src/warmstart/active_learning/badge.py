"""BADGE: a batch of photos that the network is unsure of and that differ from one another.

Source: J. T. Ash, C. Zhang, A. Krishnamurthy, J. Langford, A. Agarwal, "Deep batch active learning by diverse,
uncertain gradient lower bounds" (BADGE), ICLR 2020; the drawing: D. Arthur, S. Vassilvitskii, "k-means++: the
advantages of careful seeding", SODA 2007.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def badge_order(
    probabilities: np.ndarray, squares: np.ndarray, products: Callable[[int], np.ndarray], count: int, seed: int = 0
) -> np.ndarray:
    """The photos to label, int64 (count,), in the order in which they were drawn.

    A photo is represented by the gradient that its most probable class would give the last layer, (p - e) ⊗ v of its
    probabilities p, the unit vector e of that class and its features v. The gradient is long where the network is
    unsure. The first photo is the one with the longest gradient; each further one is drawn with a probability
    proportional to the squared distance of its gradient to the nearest one drawn. So the first n of the order are
    a batch of n. The gradients themselves are never formed: they have classes × features values.

    probabilities: (N, classes). squares: (N,), the squared lengths of the features. products: gives the scalar products
    of a photo's features with those of all photos, (N,). Raises ValueError for more photos than there are.
    """
    total = len(probabilities)
    if not 0 < count <= total:
        raise ValueError(f"{count} of {total} photos")
    rng = np.random.default_rng(seed)
    factors = probabilities.astype(np.float64)
    factors[np.arange(total), probabilities.argmax(axis=1)] -= 1
    lengths = (factors**2).sum(axis=1) * squares
    order = [int(lengths.argmax())]
    left = np.ones(total, dtype=bool)
    nearest = np.full(total, np.inf)
    while True:
        last = order[-1]
        left[last] = False
        if len(order) == count:
            return np.array(order)
        distances = lengths + lengths[last] - 2 * (factors @ factors[last]) * products(last)
        nearest = np.where(left, np.minimum(nearest, np.maximum(distances, 0)), 0)
        weights = nearest if nearest.sum() > 0 else left.astype(np.float64)  # nothing left but copies
        order.append(int(rng.choice(total, p=weights / weights.sum())))
