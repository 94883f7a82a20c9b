"""Rows written to disk while they are made, a file for every so many: ``avg-00000.npy``, ``avg-00001.npy`` and so on."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np

from warmstart.dataset.row_array import RowWriter

ROWS = 16_384  # of a file: 84 MB of EfficientNet-Lite0's vectors; a million images are 62 files


def shard_paths(folder: str | Path, name: str, n: int) -> list[Path]:
    """The files that ``n`` rows are in: at least one. Read them as one with ``RowArray``."""
    return [Path(folder) / f"{name}-{number:05d}.npy" for number in range(max(1, -(-n // ROWS)))]


class ShardWriter:
    """Writes float32 vectors (n, width) into such files: ``with ShardWriter(folder, name, width) as out: out.append(vectors)``."""

    def __init__(self, folder: str | Path, name: str, width: int) -> None:
        self.folder, self.name, self.width = Path(folder), name, width
        self.count = 0
        self._file = self._next()

    def append(self, vectors: np.ndarray) -> None:
        """Add vectors (n, width). Raises ValueError where they have another width."""
        while len(vectors):
            if self._file.count == ROWS:
                self._file.close()
                self._file = self._next()
            part = vectors[: ROWS - self._file.count]
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
