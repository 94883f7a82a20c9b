"""A source that holds its images as one array, such as a published set of digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS, measure_array
from warmstart.ingest.sizes import Decoded
from warmstart.runtime.progress import progress


@dataclass(frozen=True)
class ImageArrays:
    """Grey images, uint8 (N, H, W); labels, int64 (N,), indices into ``classes``; names, and ready-made splits."""

    images: np.ndarray
    labels: np.ndarray
    paths: list[str]
    splits: list[str | None]
    classes: list[str]


def catalogue_arrays(arrays: ImageArrays, decoded: Sequence[Decoded]) -> Catalogue:
    """Measure and resize every image into each of ``decoded``. Statistics of files (format, mode) stay empty."""
    n = len(arrays.images)
    statistics = np.zeros(n, dtype=IMAGE_STATISTICS)
    for place, image in enumerate(progress(arrays.images, "resizing", total=n)):
        for each in decoded:
            each.rows.append(each.preprocessing.resized(Image.fromarray(image))[None])
        statistics[place] = measure_array(image)
    return Catalogue(arrays.paths, arrays.classes, arrays.labels, arrays.splits, [None] * n, statistics, np.arange(n))
