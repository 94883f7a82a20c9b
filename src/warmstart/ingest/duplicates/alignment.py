"""Laying one small grey image over another that is cropped, turned or framed a little."""

from __future__ import annotations

import numpy as np

STEPS = 8
FARTHEST = 0.2  # of half the width: how far any part of an affine map may lead


def align(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Warp each image of ``b`` onto its fellow in ``a``: float32 (n, G, G) each → warped (n, G, G), and whether a pixel
    is inside ``b``.

    Gauss-Newton steps on an affine map, a gain and an offset (B. Lucas, T. Kanade, "An iterative image registration
    technique", IJCAI 1981). Finds shifts, scales and turns of some 10 %; images that have nothing in common stay so.
    """
    n, grid = len(a), a.shape[1]
    half, middle = grid / 2, (grid - 1) / 2
    x, y = np.meshgrid((np.arange(grid) - middle) / half, (np.arange(grid) - middle) / half)
    basis = np.stack([np.ones_like(x), x, y]).reshape(3, -1).astype(np.float32)
    still = np.stack([x, y]).reshape(2, -1).astype(np.float32)
    target, moving = _blur(a).reshape(n, -1), _blur(b)
    path = np.zeros((n, 2, 3), dtype=np.float32)
    for _ in range(STEPS):
        value, inside = _sample(moving, (path @ basis + still) * half + middle)
        # Slopes of the warped image: the map is so near to standing still that they point the same way.
        down, across = (slope.reshape(n, -1) * half for slope in np.gradient(value.reshape(a.shape), axis=(1, 2)))
        ones = np.ones((n, 1, grid * grid), dtype=np.float32)
        change = np.concatenate([across[:, None] * basis, down[:, None] * basis, value[:, None], ones], axis=1)
        weighted = change * inside[:, None]
        normal = weighted @ change.transpose(0, 2, 1)
        # A little towards staying where it is: a flat image says nothing of where to go.
        normal += np.eye(8, dtype=np.float32) * (normal.trace(axis1=1, axis2=2)[:, None, None] * 1e-4 + 1e-3)
        step = np.linalg.solve(normal, weighted @ (target - value)[:, :, None])[:, :, 0]
        gain = np.clip(1 + step[:, 6:7], 0.3, 3)
        path = np.clip(path + (step[:, :6] / gain).reshape(n, 2, 3), -FARTHEST, FARTHEST)
    value, inside = _sample(b, (path @ basis + still) * half + middle)
    return value.reshape(a.shape), inside.reshape(a.shape)


def _blur(images: np.ndarray) -> np.ndarray:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)), "edge")
    rows = padded[:, 1:-1] / 2 + (padded[:, :-2] + padded[:, 2:]) / 4
    blurred: np.ndarray = rows[:, :, 1:-1] / 2 + (rows[:, :, :-2] + rows[:, :, 2:]) / 4
    return blurred


def _sample(images: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, G, G) at pixels (n, 2, G·G), bilinearly: (n, G·G), and float32 (n, G·G), 1 where that is inside the
    image.
    """
    n, grid = images.shape[:2]
    inside = ((at >= -0.5) & (at <= grid - 0.5)).all(axis=1).astype(np.float32)
    at = np.clip(at, 0, grid - 1.001)
    corner = at.astype(np.int32)
    fx, fy = np.moveaxis((at - corner).astype(np.float32), 1, 0)
    place = corner[:, 1] * grid + corner[:, 0] + np.arange(n, dtype=np.int32)[:, None] * (grid * grid)
    flat = images.reshape(-1)
    above = flat.take(place) * (1 - fx) + flat.take(place + 1) * fx
    below = flat.take(place + grid) * (1 - fx) + flat.take(place + grid + 1) * fx
    return above * (1 - fy) + below * fy, inside
