"""The sheet of receptive fields, by layer, with and without pooling: what an output depends on, and the reverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from warmstart.drawing.colormap import grey_pixels, overlay_heatmap
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.interpretation.receptive_field import central_gradient
from warmstart.lesson import messages

TILE_PX = 132
COLUMNS = [f"{kind} {number}" for number in range(1, 5) for kind in ("conv", "pool")]


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
        image = torch.ones(1, 1, size, size, requires_grad=True)
        output = _forward(image, layers[:depth])
        sensitivity = central_gradient(output, image)
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


@dataclass(frozen=True)
class ReceptiveFieldMetrics:
    """sees: the receptive field's side in pixels, measured. formula: by theory. one_pixel_reaches: share of the map."""

    map_side: int
    sees: int
    formula: int
    one_pixel_reaches: float


def draw_receptive_fields(grey: np.ndarray) -> tuple[Image.Image, dict[str, dict[str, ReceptiveFieldMetrics]]]:
    """By network two rows: the receptive field of each layer's middle output, and where the middle pixel has an effect.

    grey: float (H, W) in [0, 1], shown pale below. Also returns the metrics by network and layer.
    """
    rows: list[list[Tile | None]] = []
    labels: list[str] = []
    metrics: dict[str, dict[str, ReceptiveFieldMetrics]] = {}
    for network, (size, layers) in NETWORKS.items():
        fields = measure_receptive_fields(size, layers)
        image = Image.fromarray(grey_pixels(grey)[..., 0]).resize((size, size), Image.Resampling.BILINEAR)
        pale = 128 + np.asarray(image).astype(np.float64) / 2
        seen, reached = {}, {}
        for f in fields:
            seen[f.name] = Tile(_heat(pale, f.sensitivity), f"{f.name} sees {f.side}×{f.side} px")
            caption = f"{f.map_side}×{f.map_side}: {messages.percent(f.reached_share)} of it"
            reached[f.name] = Tile(_heat(np.full(f.response.shape, 225.0), f.response), caption)
        # The same layer of all networks is in one column.
        rows += [[tiles.get(name) for name in COLUMNS] for tiles in (seen, reached)]
        labels += [label.format(network=network, size=size) for label in messages.RECEPTIVE_FIELD_LABELS]
        metrics[network] = {
            f.name: ReceptiveFieldMetrics(f.map_side, f.side, formula, f.reached_share)
            for f, formula in zip(fields, theoretical_sides(layers), strict=True)
        }
    thirds = [layers["conv 3"] for layers in list(metrics.values())[:2]]
    numbers = [number for m in thirds for number in (m.sees, messages.percent(m.one_pixel_reaches))]
    note = messages.RECEPTIVE_FIELD_NOTE.format(*numbers)
    return draw_sheet(rows, messages.RECEPTIVE_FIELD, note, side=TILE_PX, labels=labels), metrics


def _heat(grey: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values in [0, 1] as heat over a grey image, whose smallest above 0 is clearly seen."""
    return overlay_heatmap(grey, np.where(values > 0, 0.25 + 0.75 * np.sqrt(values), 0))
