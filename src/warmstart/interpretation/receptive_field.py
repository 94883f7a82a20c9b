"""Which part of a photo a place on a layer's map sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from warmstart.interpretation.conv_layers import ConvLayer
from warmstart.interpretation.layer_outputs import layer_output

PROBES = 8  # photos
MASS = 0.8  # of the gradient, inside what counts as seen: the theoretical field is often the whole photo
LONGER = 256  # pixels; a multiple of every usual stride
SMALLEST = 6  # pixels; a smaller crop shows nothing


@dataclass(frozen=True)
class Field:
    """stride: pixels of a photo between neighbours on the map. side: of the square that a place sees, in pixels. size, height,
    width: of the photo (square) and of its map.
    """

    stride: float
    side: int
    size: int
    height: int
    width: int

    def box(self, row: int, column: int) -> tuple[int, int, int]:
        """The square that a place on the map sees, moved inside the photo where it would reach over the edge: top, left, side."""
        top, left = (self._start(at, cells) for at, cells in ((row, self.height), (column, self.width)))
        return top, left, self.side

    def _start(self, at: int, cells: int) -> int:
        centre = self.size / 2 + (at - (cells - 1) / 2) * self.stride
        return int(np.clip(round(centre - self.side / 2), 0, self.size - self.side))


def receptive_field(model: Any, layer: ConvLayer, images: np.ndarray) -> Field:
    """Measure it on a few photos, uint8 (N, size, size, C): the smallest square around the centre that holds 80 % of the absolute
    gradient of the map's central place.
    """
    size = images.shape[1]
    pixels = model.normalise(torch.from_numpy(images[:PROBES]).to(model.mean.device)).detach().requires_grad_(True)
    maps = layer_output(model.network, layer, pixels)
    height, width = maps.shape[2:]
    (gradient,) = torch.autograd.grad(maps[:, :, height // 2, width // 2].abs().sum(), pixels)
    longer = torch.zeros(1, pixels.shape[1], size + LONGER, size + LONGER, device=pixels.device)
    with torch.no_grad():
        added = layer_output(model.network, layer, longer).shape[2] - height
    stride = LONGER / max(added, 1)
    weight = gradient.abs().sum((0, 1)).cpu().numpy()
    centre = [size / 2 + (cells // 2 - (cells - 1) / 2) * stride for cells in (height, width)]
    y, x = (np.abs(np.arange(size) + 0.5 - c) for c in centre)
    reach = np.maximum(y[:, None], x[None]).ravel()
    order = np.argsort(reach, kind="stable")
    held = np.cumsum(weight.ravel()[order])
    half = float(reach[order][np.searchsorted(held, MASS * held[-1])]) if held[-1] > 0 else size / 2
    return Field(stride, int(np.clip(np.ceil(2 * half), min(SMALLEST, size), size)), size, int(height), int(width))
