"""Maps that know nothing of the network, with which its maps are compared."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from warmstart.interpretation.attribution.gradcam import upsample

CENTRE_SIGMA = 0.5  # of half the image's side: where photographers put the animal


def centre_gaussian(size: int) -> np.ndarray:
    """A Gaussian in the middle of the image, float32 (size, size), at most 1; its sigma is a quarter of the side."""
    position = (np.arange(size) + 0.5) / size * 2 - 1
    one = np.exp(-0.5 * (position / CENTRE_SIGMA) ** 2)
    return np.outer(one, one).astype(np.float32)


def random_smooth(count: int, cells: tuple[int, int], size: int, seed: int) -> np.ndarray:
    """Maps of random values at a layer's resolution, upsampled as maps are: float32 (count, size, size)."""
    rng = np.random.default_rng(seed)
    return upsample(rng.normal(size=(count, *cells)).astype(np.float32), size)


def other_image(labels: np.ndarray) -> np.ndarray:
    """For each image the index of another, of its own class where there is one: int64 (N,). labels: int64 (N,)."""
    out = np.roll(np.arange(len(labels)), -1)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) > 1:
            out[members] = np.roll(members, -1)
    return out


def edge_maps(images: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """The control that must fail: how steep the image is (Sobel), float32 (N, h, w), without any network.

    images: uint8 (N, H, W, C). cells: (h, w).
    """
    grey = images.astype(np.float32).mean(axis=3) / 255
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down = padded[:, 2:] - padded[:, :-2]
    across = padded[:, :, 2:] - padded[:, :, :-2]
    dy = down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]
    dx = across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]
    return cell_means(np.hypot(dx, dy), cells)


def cell_means(pixels: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """Means over a layer's cells: (N, H, W) to float32 (N, h, w)."""
    stacked = torch.from_numpy(np.ascontiguousarray(pixels, dtype=np.float32))[:, None]
    return np.asarray(functional.adaptive_avg_pool2d(stacked, cells)[:, 0].numpy())
