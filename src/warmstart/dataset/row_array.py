"""Arrays on disk that are read and written a few rows at a time.

Files are plain ``.npy``. They are read with ``pread`` and not memory-mapped, since pages of a mapped file count as the
memory of the process.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy

from warmstart.files.reading import damage, reading


class RowArray:
    """The rows of one or several ``.npy`` files, concatenated, or a selection of them.

    Behaves as a read-only array (N, …) for ``len``, ``shape``, ``dtype``, iteration, ``np.asarray`` and the first
    index: an integer gives a row; a slice, an integer array or a boolean array gives a new array in memory. ``take``
    selects without reading. Can be pickled and used by several threads.
    """

    def __init__(self, files: Sequence[str | Path], index: np.ndarray | None = None) -> None:
        self.files = [Path(file) for file in files]
        self._index = index
        self._starts = [0]
        self._offsets = []
        row_shapes = set()
        for file in self.files:
            with reading(file, "an array of rows"), file.open("rb") as stream:
                shape, fortran, dtype = _read_header(stream)
                self._offsets.append(stream.tell())
                if (fortran and len(shape) > 1) or dtype.hasobject or not shape:
                    raise ValueError(f"it is {dtype} {shape}{' in Fortran order' if fortran else ''}")
                if os.fstat(stream.fileno()).st_size < stream.tell() + math.prod(shape) * dtype.itemsize:
                    raise ValueError("it is shorter than its header says")
            self._starts.append(self._starts[-1] + shape[0])
            row_shapes.add((shape[1:], dtype))
        if len(row_shapes) != 1:
            raise damage(self.files[0], f"the files beside it hold rows of other shapes: {row_shapes}")
        ((self._row_shape, self.dtype),) = row_shapes
        self._row_bytes = math.prod(self._row_shape) * self.dtype.itemsize
        self._opened: dict[int, int] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, …)."""
        return (len(self), *self._row_shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Size of all rows in bytes."""
        return len(self) * self._row_bytes

    def __len__(self) -> int:
        return self._starts[-1] if self._index is None else len(self._index)

    def take(self, rows: np.ndarray) -> RowArray:
        """A selection of rows, int64 (M,), as a RowArray; nothing is read."""
        rows = np.asarray(rows, dtype=np.int64)
        return RowArray(self.files, rows if self._index is None else self._index[rows])

    def __getitem__(self, key: Any) -> np.ndarray:
        if isinstance(key, tuple):
            first: np.ndarray = self[key[0]]
            rest = key[1:]
            return first[rest] if isinstance(key[0], int | np.integer) else first[(slice(None), *rest)]
        if isinstance(key, int | np.integer):
            index = int(key) + (len(self) if key < 0 else 0)
            if not 0 <= index < len(self):
                raise IndexError(f"row {key} of {len(self)}")
            row: np.ndarray = self._gather(np.array([index]))[0]
            return row
        if isinstance(key, slice):
            return self._gather(np.arange(*key.indices(len(self))))
        indices = np.asarray(key)
        if indices.dtype == bool:
            if len(indices) != len(self):
                raise IndexError(f"a mask of {len(indices)} for {len(self)} rows")
            indices = np.flatnonzero(indices)
        indices = indices.astype(np.int64)
        indices = np.where(indices < 0, indices + len(self), indices)
        if len(indices) and not (indices.min() >= 0 and indices.max() < len(self)):
            raise IndexError(f"rows {indices.min()} to {indices.max()} of {len(self)}")
        return self._gather(indices)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self[:]
        return array if dtype is None else array.astype(dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": {}}

    def __del__(self) -> None:
        for descriptor in getattr(self, "_opened", {}).values():
            os.close(descriptor)

    def _gather(self, indices: np.ndarray) -> np.ndarray:
        rows = indices if self._index is None else self._index[indices]
        out = np.empty((len(rows), *self._row_shape), dtype=self.dtype)
        if not out.nbytes:
            return out
        flat = out.reshape(-1).view(np.uint8).data
        at = 0
        # Neighbours in the file are read at once.
        for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            start, left = int(run[0]), len(run)
            while left:
                number = int(np.searchsorted(self._starts, start, side="right")) - 1
                count = min(left, self._starts[number + 1] - start)
                self._read(number, start - self._starts[number], flat[at : at + count * self._row_bytes])
                at, start, left = at + count * self._row_bytes, start + count, left - count
        return out

    def _read(self, number: int, row: int, into: memoryview) -> None:
        if number not in self._opened:
            self._opened[number] = os.open(self.files[number], os.O_RDONLY)
        position = self._offsets[number] + row * self._row_bytes
        done = 0
        while done < len(into):
            got = os.preadv(self._opened[number], [into[done:]], position + done)
            if not got:
                raise damage(self.files[number], "it is shorter than its header says")
            done += got


class RowWriter:
    """Writes a ``.npy`` file of unknown length row by row: ``with RowWriter(path, shape) as out: out.append(rows)``."""

    def __init__(self, path: str | Path, row_shape: Sequence[int], dtype: Any = np.uint8) -> None:
        self.path, self.row_shape, self.dtype = Path(path), tuple(row_shape), np.dtype(dtype)
        self.count = 0
        self._stream = self.path.open("wb")
        self._write_header()

    def append(self, rows: np.ndarray) -> None:
        """Add rows (n, *row_shape). Raises ValueError for another shape."""
        if rows.shape[1:] != self.row_shape:
            raise ValueError(f"rows of {rows.shape[1:]} for a file of {self.row_shape}")
        self._stream.write(np.ascontiguousarray(rows, dtype=self.dtype).data)
        self.count += len(rows)

    def close(self) -> None:
        """Write the number of rows into the header, and close."""
        if not self._stream.closed:
            self._stream.seek(0)
            self._write_header()
            self._stream.close()

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_header(self) -> None:
        # numpy leaves room in the header for the first number to grow, so the second one fits over the first.
        header = {
            "descr": npy.dtype_to_descr(self.dtype),
            "fortran_order": False,
            "shape": (self.count, *self.row_shape),
        }
        npy.write_array_header_1_0(self._stream, header)


def _read_header(stream: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    return shape, fortran, dtype


Rows = np.ndarray | RowArray  # rows in memory or on disk, for code that only indexes and counts
