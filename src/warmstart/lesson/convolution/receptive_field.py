"""Receptive fields, layer by layer, with and without pooling: which pixels an output depends on, and the reverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional


@dataclass(frozen=True)
class Layer:
    """A layer as far as receptive fields go. kind: ``conv`` or ``pool``. kernel, stride: of its window, in pixels."""

    kind: str
    kernel: int
    stride: int


CONV, POOL = Layer("conv", 3, 1), Layer("pool", 2, 2)
# The lesson's networks up to their last feature map, with the side of their images.
NETWORKS: dict[str, tuple[int, tuple[Layer, ...]]] = {
    "digits network: 3 convolutions with pooling": (28, (CONV, POOL, CONV, POOL, CONV)),
    "the same without pooling": (28, (CONV, CONV, CONV)),
    "photo network: 4 convolutions with pooling": (150, (CONV, POOL, CONV, POOL, CONV, POOL, CONV, POOL)),
}


@dataclass(frozen=True)
class ReceptiveField:
    """What one layer depends on, measured.

    name: conv 1, pool 1 …. map_side: of its feature map. side: in pixels, of the square in the image that its middle
    output depends on. sensitivity: the gradient of that output, float32 (size, size), greatest 1. reached_share: the
    share of the map that the image's middle pixel changes. response: to that pixel, float32 (map_side, map_side),
    greatest 1.
    """

    name: str
    map_side: int
    side: int
    sensitivity: np.ndarray
    reached_share: float
    response: np.ndarray


def theoretical_sides(layers: Sequence[Layer]) -> list[int]:
    """The side of each layer's receptive field, in pixels: r ← r + (kernel − 1) · jump, jump ← jump · stride.

    A. Araujo et al., "Computing receptive fields of convolutional neural networks", Distill, 2019.
    """
    sides, side, jump = [], 1, 1
    for layer in layers:
        side, jump = side + (layer.kernel - 1) * jump, jump * layer.stride
        sides.append(side)
    return sides


def measure_receptive_fields(size: int, layers: Sequence[Layer]) -> list[ReceptiveField]:
    """The receptive field of every layer, measured on a (size, size) image with gradients.

    Convolutions have equal weights, and pooling takes the mean: it depends on the same pixels as the maximum.
    """
    out: list[ReceptiveField] = []
    counts = {"conv": 0, "pool": 0}
    dot = torch.zeros(1, 1, size, size)
    dot[0, 0, size // 2, size // 2] = 1
    for depth, layer in enumerate(layers, start=1):
        counts[layer.kind] += 1
        image = torch.zeros(1, 1, size, size, requires_grad=True)
        output = _forward(image, layers[:depth])
        middle = output.shape[-1] // 2
        (gradient,) = torch.autograd.grad(output[0, 0, middle, middle], image)
        sensitivity = gradient[0, 0].numpy()
        response = _forward(dot, layers[:depth])[0, 0].numpy()
        out.append(
            ReceptiveField(
                name=f"{layer.kind} {counts[layer.kind]}",
                map_side=int(output.shape[-1]),
                side=int((sensitivity > 0).any(axis=0).sum()),
                sensitivity=sensitivity / sensitivity.max(),
                reached_share=float((response > 0).mean()),
                response=response / max(float(response.max()), 1e-30),
            )
        )
    return out


def _forward(image: torch.Tensor, layers: Sequence[Layer]) -> torch.Tensor:
    for layer in layers:
        image = functional.avg_pool2d(image, layer.kernel, layer.stride)
    return image
