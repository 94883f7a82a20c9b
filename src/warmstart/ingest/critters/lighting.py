"""The light on the finished picture: gradient, brightness, contrast, tint and grain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def light(rng: np.random.Generator, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture``, uint8 (h, w, 3), under a random light; same shape and type."""
    height, width, _ = picture.shape
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.45)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    gradient = 1.0 + np.float32(slope * np.cos(angle)) * x + np.float32(slope * np.sin(angle)) * y
    gain = rng.uniform(0.8, 1.2) * rng.uniform(0.94, 1.06, 3)
    contrast = np.float32(rng.uniform(0.85, 1.15))
    lit = picture.astype(np.float32) * (gradient * gain.astype(np.float32))
    lit = (lit - 120) * contrast + np.float32(120 + rng.uniform(-15, 15))
    lit += np.float32(rng.uniform(1, 5)) * rng.standard_normal((height, width, 1), dtype=np.float32)
    shown: NDArray[np.uint8] = np.clip(lit, 0, 255, out=lit).astype(np.uint8)
    return shown
