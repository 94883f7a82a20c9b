"""Small random transforms, which a pattern survives unless it merely fits the pixels."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

MAX_SHIFT = 8 / 112  # of the image's side, either way
MAX_ROTATION_DEGREES = 8.0  # either way
MAX_ZOOM = 0.08  # either way


def random_transforms(rng: np.random.Generator, count: int) -> torch.Tensor:
    """Uniform shifts, rotations and zooms as affine maps for ``functional.affine_grid``, float32 (count, 2, 3)."""
    angle = np.deg2rad(rng.uniform(-MAX_ROTATION_DEGREES, MAX_ROTATION_DEGREES, count))
    zoom = rng.uniform(1 - MAX_ZOOM, 1 + MAX_ZOOM, count)
    shift = rng.uniform(-2 * MAX_SHIFT, 2 * MAX_SHIFT, (count, 2))  # affine_grid's side is 2
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    rows = np.stack([np.stack([cos, -sin, shift[:, 0]], 1), np.stack([sin, cos, shift[:, 1]], 1)], 1)
    return torch.from_numpy(rows.astype(np.float32))


def transform(images: torch.Tensor, affine: torch.Tensor) -> torch.Tensor:
    """Each image (N, C, H, W) through its own affine map (N, 2, 3); beyond the edge the image is mirrored."""
    grid = functional.affine_grid(affine, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
