"""The image of a demonstration: a photo, one of a dataset's, or a digit, which requires neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing, read_photo
from warmstart.ingest.sources.digits import read_digits

MAX_SIDE_PX, DIGIT_PX = 256, 28


def photo_sample(path: str | Path) -> tuple[np.ndarray, str]:
    """An image file as uint8 (H, W, 3), its longer side at most 256 pixels, and its name. Raises UserError."""
    return read_photo(path, MAX_SIDE_PX), Path(path).name


def dataset_sample(images_dir: str | Path, seed: int) -> tuple[np.ndarray, str]:
    """A random test image of a prepared dataset, uint8 (size, size, channels), and its class with its row.

    Raises UserError.
    """
    store = ImageStore(images_dir)
    images = store.images("test")
    row = int(np.random.default_rng(seed).integers(len(images)))
    return np.array(images[row]), f"{store.classes[store.labels('test')[row]]}, test image {row}"


def digit_sample(seed: int) -> tuple[np.ndarray, str]:
    """One of scikit-learn's handwritten digits (8×8, values 0 to 16), enlarged: uint8 (28, 28, 1), and its name."""
    digits = read_digits()
    row = int(np.random.default_rng(seed).integers(len(digits.images)))
    large = Preprocessing(DIGIT_PX, channels=1).resized(Image.fromarray(digits.images[row]))
    return large, f"a handwritten {digits.classes[digits.labels[row]]}"
