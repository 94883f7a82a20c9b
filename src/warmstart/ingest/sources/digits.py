"""The handwritten digits that come with scikit-learn: 1,797 grey images of 8×8 pixels and 17 levels (Alpaydin & Kaynak,
1998).
"""

from __future__ import annotations

import numpy as np

from warmstart.ingest.sources.arrays import ImageArrays

LEVELS = 16


def read_digits() -> ImageArrays:
    """All digits, their levels stretched to 0–255, without a ready-made split."""
    from sklearn.datasets import load_digits

    found = load_digits()
    images = np.round(found.images * (255 / LEVELS)).astype(np.uint8)
    paths = [f"{label}/{index:04d}" for index, label in enumerate(found.target)]
    return ImageArrays(
        images, found.target.astype(np.int64), paths, [None] * len(paths), [str(digit) for digit in range(10)]
    )
