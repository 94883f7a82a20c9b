"""The image that a demonstration is made on: a photo, one of a dataset's, or a digit that needs neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.data.preprocess import read_photo
from warmstart.data.store import ImageStore

LONGEST = 256
DIGIT_SIDE = 28


def photo_sample(path: str | Path) -> tuple[np.ndarray, str]:
    """An image file as uint8 (H, W, 3), its longer side at most 256 pixels, and its name. Raises UserError."""
    return read_photo(path, LONGEST), Path(path).name


def dataset_sample(images_dir: str | Path, seed: int) -> tuple[np.ndarray, str]:
    """A test image of a prepared dataset, uint8 (size, size, channels), and its class with its row. Raises UserError."""
    store = ImageStore(images_dir)
    images = store.images("test")
    row = int(np.random.default_rng(seed).integers(len(images)))
    return np.array(images[row]), f"{store.classes[store.labels('test')[row]]}, test image {row}"


def digit_sample(seed: int) -> tuple[np.ndarray, str]:
    """One of scikit-learn's handwritten digits (8×8, values 0 to 16), enlarged: uint8 (28, 28, 1), and which it is."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    digits = load_digits()
    row = int(np.random.default_rng(seed).integers(len(digits.images)))
    small = Image.fromarray(np.rint(digits.images[row] / 16 * 255).astype(np.uint8))
    large = small.resize((DIGIT_SIDE, DIGIT_SIDE), Image.Resampling.BILINEAR)
    return np.asarray(large, dtype=np.uint8)[..., None], f"a handwritten {digits.target[row]}"
