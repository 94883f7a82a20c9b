"""What copies of photos are found by, computed from prepared images."""

from __future__ import annotations

import numpy as np

from warmstart.drawing.sheet import to_image
from warmstart.ingest.decoding.image_statistics import perceptual_hash
from warmstart.ingest.duplicates.resemblance import small_copies

REDUCED_PX = 64  # an image is reduced by a whole factor, to no less than this side, before it is hashed


def outline(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of prepared images, uint8 (N, size, size, 1 or 3): small copies, uint8 (N, 32, 32, 3), and the perceptual hashes
    of the images and of their mirror images, uint64 (N,).

    Labelled photos are at hand as prepared images only, so the hashes of all photos are of these.
    """
    grey = [np.asarray(to_image(image).convert("L").reduce(max(1, len(image) // REDUCED_PX))) for image in images]
    hashes = np.array([perceptual_hash(each) for each in grey], dtype=np.uint64)
    mirror = np.array([perceptual_hash(each[:, ::-1]) for each in grey], dtype=np.uint64)
    return np.rint(small_copies(images)).astype(np.uint8), hashes, mirror
