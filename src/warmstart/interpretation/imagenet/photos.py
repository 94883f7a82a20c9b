"""The photos shown to the bare backbone: of the dataset, or any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from warmstart.dataset import preprocessing
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.round_robin import round_robin

LONGEST = 1024  # pixels; far more than any backbone is shown


@dataclass(frozen=True)
class Photo:
    """A photo by its name, and where it is from a dataset its class. pixels: uint8 (H, W, 3)."""

    name: str
    pixels: np.ndarray
    label: str | None = None

    def square(self, side: int) -> np.ndarray:
        """The middle square of the photo, uint8 (side, side, 3)."""
        image = ImageOps.fit(Image.fromarray(self.pixels), (side, side), Image.Resampling.BICUBIC)
        return np.asarray(image, dtype=np.uint8)


def read_photo(path: str | Path) -> Photo:
    """Any image file, upright as its EXIF says, its longer side at most 1,024 pixels. Raises UserError when it cannot be read."""
    return Photo(Path(path).name, preprocessing.read_photo(path, LONGEST))


def dataset_photos(store: ImageStore, count: int, seed: int) -> list[Photo]:
    """Test photos drawn at random, the classes taking turns. The same seed draws the same photos."""
    images, rows = store.images("test"), store.rows("test")
    order = np.random.default_rng(seed).permutation(len(rows))
    chosen = order[round_robin(store.labels("test")[order])][:count]
    return [
        Photo(
            rows[i]["path"], np.ascontiguousarray(np.broadcast_to(images[i], (*images.shape[1:3], 3))), rows[i]["class"]
        )
        for i in chosen
    ]
