"""A source that holds its images as one array, such as a published set of digits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.data.arrange import Candidate, arrange
from warmstart.data.preprocess import Preprocessing
from warmstart.progress import progress


@dataclass(frozen=True)
class ImageArrays:
    """Grey images, uint8 (N, H, W); labels, int64 (N,), indices into ``classes``; where each image is from, and its split, if any."""

    images: np.ndarray
    labels: np.ndarray
    paths: list[str]
    splits: list[str | None]
    classes: list[str]


def arrange_arrays(arrays: ImageArrays, config: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Bring every image to ``data.size`` and write the splits into ``folder``; returns the manifest's rows. Raises UserError.

    Images that are alike all stay: published sets are compared by their published numbers of images.
    """
    preprocessing = Preprocessing(config["size"], config["channels"], config["resize"])
    pool = np.empty((len(arrays.images), config["size"], config["size"], config["channels"]), dtype=np.uint8)
    candidates = []
    labels = arrays.labels.tolist()
    for place, image in enumerate(progress(arrays.images, "resizing", total=len(arrays.images))):
        pool[place] = preprocessing.resized(Image.fromarray(image))
        sha256 = hashlib.sha256(image.tobytes()).hexdigest()
        candidates.append(Candidate(arrays.paths[place], labels[place], arrays.splits[place], sha256, image.nbytes, place))
    return arrange(candidates, pool, arrays.classes, config, folder)
