"""Small random warps: what a pattern that means something survives, and one that merely fits the pixels does not."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

SHIFT = 8 / 112  # of the image's side, either way
TURN = 8.0  # degrees, either way
ZOOM = 0.08  # either way


def random_transforms(rng: np.random.Generator, count: int) -> torch.Tensor:
    """Affine maps for ``functional.affine_grid``, float32 (count, 2, 3): a shift, a turn and a zoom each, all uniform."""
    turn = np.deg2rad(rng.uniform(-TURN, TURN, count))
    zoom = rng.uniform(1 - ZOOM, 1 + ZOOM, count)
    shift = rng.uniform(-2 * SHIFT, 2 * SHIFT, (count, 2))  # affine_grid's side is 2
    cos, sin = np.cos(turn) * zoom, np.sin(turn) * zoom
    rows = np.stack([np.stack([cos, -sin, shift[:, 0]], 1), np.stack([sin, cos, shift[:, 1]], 1)], 1)
    return torch.from_numpy(rows.astype(np.float32))


def warp(images: torch.Tensor, warps: torch.Tensor) -> torch.Tensor:
    """Each image (N, C, H, W) through its own affine map (N, 2, 3); beyond the edge the image is mirrored."""
    grid = functional.affine_grid(warps, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
