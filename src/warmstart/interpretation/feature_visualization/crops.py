"""The photos that excite a filter most, cut to what it sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from warmstart.interpretation.feature_visualization.photo_activations import PhotoActivations, Photos
from warmstart.interpretation.receptive_field import Field


@dataclass(frozen=True)
class Crop:
    """A square cut from a photo. split, row, path: the photo. box: top, left and side in pixels. pixels: uint8 (side, side, C)."""

    split: str
    row: int
    path: str
    box: tuple[int, int, int]
    pixels: np.ndarray

    def record(self) -> dict[str, Any]:
        """Plain data, without the pixels."""
        return {"path": self.path, "split": self.split, "row": self.row, "box": list(self.box)}


def strongest_crops(photos: Photos, natural: PhotoActivations, field: Field, channel: int) -> list[Crop]:
    """Around the strongest place of each of the photos where a filter is strongest, the strongest first."""
    crops = []
    for index, (row, column) in zip(natural.strongest[channel], natural.place[channel], strict=True):
        top, left, side = box = field.box(int(row), int(column))
        split, number, path = photos.where[int(index)]
        crops.append(Crop(split, number, path, box, photos.images[index, top : top + side, left : left + side]))
    return crops
