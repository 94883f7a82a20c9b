"""Vectors on disk, written while they are computed, in several files: ``avg-00000.npy``, ``avg-00001.npy`` …"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np

from warmstart.dataset.row_array import RowWriter

ROWS_PER_FILE = 16_384  # 84 MB of EfficientNet-Lite0's vectors


def shard_paths(folder: str | Path, name: str, n: int) -> list[Path]:
    """The files of ``n`` rows, at least one. ``RowArray`` reads them as one array."""
    return [Path(folder) / f"{name}-{number:05d}.npy" for number in range(max(1, -(-n // ROWS_PER_FILE)))]


class ShardWriter:
    """Writes float32 vectors: ``with ShardWriter(folder, name, width) as out: out.append(vectors)``."""

    def __init__(self, folder: str | Path, name: str, width: int) -> None:
        self.folder, self.name, self.width = Path(folder), name, width
        self.count = 0
        self._file = self._next()

    def append(self, vectors: np.ndarray) -> None:
        """Add vectors (n, width). Raises ValueError for another width."""
        while len(vectors):
            if self._file.count == ROWS_PER_FILE:
                self._file.close()
                self._file = self._next()
            part = vectors[: ROWS_PER_FILE - self._file.count]
            self._file.append(part)
            self.count += len(part)
            vectors = vectors[len(part) :]

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _next(self) -> RowWriter:
        return RowWriter(shard_paths(self.folder, self.name, self.count + 1)[-1], (self.width,), np.float32)
