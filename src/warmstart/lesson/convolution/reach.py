"""Reach: how much of the image one output sees, and how far one pixel is felt, layer by layer, with and without pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional


@dataclass(frozen=True)
class Layer:
    """A layer as far as reach goes: kind ``conv`` or ``pool``, side and stride of its window."""

    kind: str
    window: int
    stride: int


CONV, POOL = Layer("conv", 3, 1), Layer("pool", 2, 2)
# The lesson's networks up to their last feature map, by the side of their images.
NETWORKS: dict[str, tuple[int, tuple[Layer, ...]]] = {
    "digits network: 3 convolutions with pooling": (28, (CONV, POOL, CONV, POOL, CONV)),
    "the same without pooling": (28, (CONV, CONV, CONV)),
    "photo network: 4 convolutions with pooling": (150, (CONV, POOL, CONV, POOL, CONV, POOL, CONV, POOL)),
}


@dataclass(frozen=True)
class Reach:
    """One layer's reach.

    name: conv 1, pool 1 …. side: of its map. sees: side in pixels of the image that its middle output depends on. sensitivity:
    by how much each pixel counts for that output, float32 (size, size), greatest 1. felt: the share of the map that the
    image's middle pixel changes; answer: by how much, float32 (side, side), greatest 1.
    """

    name: str
    side: int
    sees: int
    sensitivity: np.ndarray
    felt: float
    answer: np.ndarray


def receptive_fields(layers: Sequence[Layer]) -> list[int]:
    """The receptive field of each layer, in pixels, by the closed formula r ← r + (window − 1) · jump, jump ← jump · stride.

    A. Araujo et al., "Computing receptive fields of convolutional neural networks", Distill, 2019.
    """
    fields, field, jump = [], 1, 1
    for layer in layers:
        field, jump = field + (layer.window - 1) * jump, jump * layer.stride
        fields.append(field)
    return fields


def measure_reach(size: int, layers: Sequence[Layer]) -> list[Reach]:
    """Measure every layer's reach on a (size, size) image by running it.

    All kernels are positive and equal, and pooling takes the mean: it depends on the same pixels as the maximum, and hides none.
    """
    out: list[Reach] = []
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
        answer = _forward(dot, layers[:depth])[0, 0].numpy()
        out.append(
            Reach(
                name=f"{layer.kind} {counts[layer.kind]}",
                side=int(output.shape[-1]),
                sees=int((sensitivity > 0).any(axis=0).sum()),
                sensitivity=sensitivity / sensitivity.max(),
                felt=float((answer > 0).mean()),
                answer=answer / max(float(answer.max()), 1e-30),
            )
        )
    return out


def _forward(image: torch.Tensor, layers: Sequence[Layer]) -> torch.Tensor:
    for layer in layers:
        if layer.kind == "conv":
            image = functional.conv2d(
                image, torch.full((1, 1, layer.window, layer.window), 1 / layer.window**2), stride=layer.stride
            )
        else:
            image = functional.avg_pool2d(image, layer.window, layer.stride)
    return image
