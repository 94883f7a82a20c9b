"""Many critters, drawn by several processes: as a stream of blocks, or all in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmstart.errors import UserError
from warmstart.ingest.critters.draw import check, draw
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS, measure_array
from warmstart.ingest.decoding.worker_processes import Crash, map_blocks

CHUNK = 64


class Block(NamedTuple):
    """images: uint8 (n, size, size, 3). labels: int64 (n,). masks: uint8 (n, size, size), 0 or 1. statistics: (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    masks: NDArray[np.uint8]
    statistics: NDArray[np.void]


def generate(seed: int, indices: Sequence[int] | range, size: int, workers: int = 1) -> Block:
    """Draw the pictures ``indices`` of the dataset ``seed``, in order. Arguments and errors as ``generate_blocks``."""
    blocks = list(generate_blocks(seed, indices, size, workers))
    if not blocks:
        images, masks = np.empty((0, size, size, 3), np.uint8), np.empty((0, size, size), np.uint8)
        return Block(images, np.empty(0, np.int64), masks, np.empty(0, IMAGE_STATISTICS))
    return Block(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def generate_blocks(seed: int, indices: Sequence[int] | range, size: int, workers: int = 1) -> Iterator[Block]:
    """Draw the pictures ``indices`` of the dataset ``seed``, a block at a time.

    The same bytes for any number of ``workers``. More than one are processes of their own, so a script must guard its
    entry point with ``if __name__ == "__main__"``. Raises UserError for workers < 1, size < 32, a negative seed or
    index, and where a process dies.
    """
    if workers < 1:
        raise UserError(f"critters: workers={workers} must be 1 or more")
    check(seed, int(min(indices, default=0)), size)
    return _blocks(seed, indices, size, workers)


def _draw_block(indices: Sequence[int], seed: int, size: int) -> Block:
    """Draw one block; runs in the worker."""
    critters = [draw(seed, int(index), size) for index in indices]
    return Block(
        np.stack([c.image for c in critters]),
        np.array([c.label for c in critters], dtype=np.int64),
        np.stack([c.mask for c in critters]).astype(np.uint8),
        np.array([measure_array(c.image) for c in critters], dtype=IMAGE_STATISTICS),
    )


def _blocks(seed: int, indices: Sequence[int] | range, size: int, workers: int) -> Iterator[Block]:
    """The blocks in order. Only a few are under way at a time, so that a slow disk cannot fill the memory."""
    work = partial(_draw_block, seed=seed, size=size)
    workers = min(workers, -(-len(indices) // CHUNK))
    if workers <= 1:
        yield from (work(indices[at : at + CHUNK]) for at in range(0, len(indices), CHUNK))
        return
    for block in map_blocks(work, indices, CHUNK, workers):
        if isinstance(block, Crash):
            raise UserError("critters: a process that draws was ended, or memory ran out: try data.workers=1")
        yield block
