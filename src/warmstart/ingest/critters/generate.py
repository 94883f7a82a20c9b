"""Many critters, drawn by several processes: as a stream of blocks, or all in memory."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmstart.errors import UserError
from warmstart.ingest.critters.draw import check, draw
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS, measure_array
from warmstart.runtime.interrupts import children_deaf

CHUNK = 64


class Block(NamedTuple):
    """Some pictures: images uint8 (n, size, size, 3), labels int64 (n,), masks uint8 (n, size, size) of 0 and 1, and
    what is measured of them, facts (n,) of ``IMAGE_STATISTICS``.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    masks: NDArray[np.uint8]
    facts: NDArray[np.void]


def generate(seed: int, indices: Sequence[int] | range, size: int, workers: int = 1) -> Block:
    """Draw the pictures ``indices`` of the dataset ``seed``, in the order of ``indices``. Arguments and errors as
    ``generate_blocks``.
    """
    blocks = list(generate_blocks(seed, indices, size, workers))
    if not blocks:
        return Block(
            np.empty((0, size, size, 3), np.uint8),
            np.empty(0, np.int64),
            np.empty((0, size, size), np.uint8),
            np.empty(0, IMAGE_STATISTICS),
        )
    return Block(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def generate_blocks(seed: int, indices: Sequence[int] | range, size: int, workers: int = 1) -> Iterator[Block]:
    """Draw the pictures ``indices`` of the dataset ``seed``, some at a time, so that a large dataset is never in memory
    as a whole.

    The same bytes for any number of ``workers``. One worker draws in this process; more are spawned, so a script that
    calls this must guard its entry point with ``if __name__ == "__main__"``. Raises UserError for workers < 1, size <
    32, a negative seed or index, at once.
    """
    if workers < 1:
        raise UserError(f"critters: workers={workers} must be 1 or more")
    check(seed, int(min(indices, default=0)), size)
    return _blocks(seed, indices, size, workers)


def _draw_block(seed: int, indices: list[int], size: int) -> Block:
    """Draw one block; runs in the worker."""
    critters = [draw(seed, index, size) for index in indices]
    return Block(
        np.stack([c.image for c in critters]),
        np.array([c.label for c in critters], dtype=np.int64),
        np.stack([c.mask for c in critters]).astype(np.uint8),
        np.array([measure_array(c.image) for c in critters], dtype=IMAGE_STATISTICS),
    )


def _blocks(seed: int, indices: Sequence[int] | range, size: int, workers: int) -> Iterator[Block]:
    """The blocks in order. Only a few are under way at a time, so that a slow disk cannot fill the memory."""
    jobs = ([int(i) for i in indices[at : at + CHUNK]] for at in range(0, len(indices), CHUNK))
    workers = min(workers, -(-len(indices) // CHUNK))
    if workers <= 1:
        yield from (_draw_block(seed, job, size) for job in jobs)
        return
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    under_way: deque[Future[Block]] = deque()
    try:
        for job in jobs:
            with children_deaf():  # it may start one
                under_way.append(pool.submit(_draw_block, seed, job, size))
            if len(under_way) >= 4 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
