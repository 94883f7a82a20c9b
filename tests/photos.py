"""Drawing small photos for tests."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image


def save_photo(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise(seed).save(path)


def encoded_photo(seed: int) -> bytes:
    buffer = io.BytesIO()
    noise(seed).save(buffer, "JPEG")
    return buffer.getvalue()


def noise(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 60, 3), dtype=np.uint8))
