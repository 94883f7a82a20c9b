"""The photos shown to the bare backbone: of the dataset, or any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from warmstart.data.store import ImageStore
from warmstart.errors import UserError


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
    """Any image file, upright as its EXIF says. Raises UserError when it cannot be read as an image."""
    try:
        with Image.open(path) as image:
            return Photo(Path(path).name, np.asarray(ImageOps.exif_transpose(image).convert("RGB")))
    except OSError as error:
        raise UserError(f"{path} cannot be read as an image ({error})") from None


def dataset_photos(store: ImageStore, count: int, seed: int) -> list[Photo]:
    """Test photos drawn at random, the classes taking turns. The same seed draws the same photos."""
    images, rows = store.images("test"), store.rows("test")
    order = np.random.default_rng(seed).permutation(len(rows))
    of_class: dict[int, list[int]] = {}
    for i in order:
        of_class.setdefault(rows[i]["label"], []).append(int(i))
    turns = sorted((turn, label, i) for label, some in of_class.items() for turn, i in enumerate(some))
    chosen = [i for _, _, i in turns[:count]]
    return [
        Photo(rows[i]["path"], np.ascontiguousarray(np.broadcast_to(images[i], (*images.shape[1:3], 3))), rows[i]["class"]) for i in chosen
    ]
