"""Writing small IDX files for tests."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np


def idx_bytes(array: np.ndarray) -> bytes:
    """uint8 of any shape as the content of an IDX file."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def idx_set(folder: Path, *, train: int = 60, test: int = 20, zipped: bool = True) -> Path:
    """The four files of a set of 10 classes in turn, each image's pixels below its label's multiple of 25."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, n in (("train", train), ("t10k", test)):
        labels = np.arange(n, dtype=np.uint8) % 10
        noise = np.random.default_rng(n).integers(0, 20, (n, 28, 28), dtype=np.uint8)
        for kind, array in (("images-idx3", noise + 25 * labels[:, None, None]), ("labels-idx1", labels)):
            content = idx_bytes(array)
            path = folder / f"{name}-{kind}-ubyte{'.gz' if zipped else ''}"
            path.write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    return folder
