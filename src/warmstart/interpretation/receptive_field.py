"""Which part of an image a place on a layer's map depends on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from warmstart.interpretation.conv_layers import ConvLayer, layer_output
from warmstart.models.image_model import ImageModel

MAX_PHOTOS = 8
GRADIENT_SHARE = 0.8  # inside the field; the theoretical field is often the whole photo
STRIDE_PROBE_PX = 256  # a multiple of every usual stride
MIN_SIDE_PX = 6  # a smaller crop shows nothing


@dataclass(frozen=True)
class ReceptiveField:
    """stride: pixels of the image between neighbours on the map. side: in pixels, of the square of the image that a
    place depends on. size: side of the image (square) in pixels. height, width: of its map.
    """

    stride: float
    side: int
    size: int
    height: int
    width: int

    def box(self, row: int, column: int) -> tuple[int, int, int]:
        """Top, left and side of a place's square, moved inside the image where it would reach over the edge."""
        return self._start(row, self.height), self._start(column, self.width), self.side

    def _start(self, at: int, cells: int) -> int:
        centre = self.size / 2 + (at - (cells - 1) / 2) * self.stride
        return int(np.clip(round(centre - self.side / 2), 0, self.size - self.side))


def receptive_field(model: ImageModel, layer: ConvLayer, images: np.ndarray) -> ReceptiveField:
    """Measure the effective receptive field of a layer on a few images, uint8 (N, size, size, C).

    It is the smallest square around the centre that holds 80 % of the absolute gradient of the map's central place.

    Source: W. Luo et al., "Understanding the effective receptive field in deep convolutional neural networks", NeurIPS
    2016.
    """
    size = images.shape[1]
    pixels = model.normalise(torch.from_numpy(images[:MAX_PHOTOS]).to(model.mean.device)).detach().requires_grad_(True)
    maps = layer_output(model.network, layer, pixels)
    height, width = maps.shape[2:]
    weight = central_gradient(maps, pixels)
    longer = torch.zeros(1, pixels.shape[1], size + STRIDE_PROBE_PX, size + STRIDE_PROBE_PX, device=pixels.device)
    with torch.no_grad():
        added = layer_output(model.network, layer, longer).shape[2] - height
    stride = STRIDE_PROBE_PX / max(added, 1)
    y, x = (
        np.abs(np.arange(size) + 0.5 - (size / 2 + (cells // 2 - (cells - 1) / 2) * stride))
        for cells in (height, width)
    )
    distance = np.maximum(y[:, None], x[None]).ravel()
    order = np.argsort(distance, kind="stable")
    held = np.cumsum(weight.ravel()[order])
    half = float(distance[order][np.searchsorted(held, GRADIENT_SHARE * held[-1])]) if held[-1] > 0 else size / 2
    side = int(np.clip(np.ceil(2 * half), min(MIN_SIDE_PX, size), size))
    return ReceptiveField(stride, side, size, int(height), int(width))


def central_gradient(maps: torch.Tensor, images: torch.Tensor) -> np.ndarray:
    """Absolute gradient of the central place of maps (N, K, h, w), summed over images and channels: (H, W).

    images: (N, C, H, W), which the maps were computed from, with ``requires_grad``.
    """
    centre = maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2].abs().sum()
    (gradient,) = torch.autograd.grad(centre, images)
    return np.asarray(gradient.abs().sum((0, 1)).cpu().numpy())
