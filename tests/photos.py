"""Drawing small photos for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def save_photo(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 60, 3), dtype=np.uint8)).save(path)
