"""Many critters, drawn by several processes, into memory or into arrays of the caller's such as memory maps."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray

from warmstart.data.critters.draw import check, draw
from warmstart.errors import UserError

CHUNK = 64
Block = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8]]


def generate(
    seed: int,
    indices: Sequence[int] | range,
    size: int,
    workers: int = 1,
    images: NDArray[np.uint8] | None = None,
    masks: NDArray[np.uint8] | None = None,
) -> Block:
    """Draw the pictures ``indices`` of the dataset ``seed``.

    Returns images uint8 (N, size, size, 3), labels int64 (N,) and masks uint8 (N, size, size) with values 0 and 1, in
    the order of ``indices``; the same bytes for any number of ``workers``. One worker draws in this process; more are
    spawned, so a script that calls this must guard its entry point with ``if __name__ == "__main__"``.
    ``images`` and ``masks``, if given (for example memory maps), are filled block by block and returned, so that a
    large dataset need never be in memory as a whole. Raises UserError for workers < 1, size < 32, a negative seed or
    index, or a given array of another shape or type.
    """
    count = len(indices)
    if workers < 1:
        raise UserError(f"critters: workers={workers} must be 1 or more")
    check(seed, int(min(indices, default=0)), size)
    images = _array("images", images, (count, size, size, 3))
    masks = _array("masks", masks, (count, size, size))
    labels = np.empty(count, dtype=np.int64)
    done = 0
    for block in _blocks(seed, indices, size, workers):
        upto = done + len(block[1])
        images[done:upto], labels[done:upto], masks[done:upto] = block
        done = upto
    return images, labels, masks


def _array(name: str, given: NDArray[np.uint8] | None, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if given is None:
        return np.empty(shape, dtype=np.uint8)
    if given.shape != shape or given.dtype != np.uint8:
        raise UserError(f"critters: {name} must be uint8 {shape}, but is {given.dtype} {given.shape}")
    return given


def _draw_block(seed: int, indices: list[int], size: int) -> Block:
    """Draw one block; runs in the worker."""
    critters = [draw(seed, index, size) for index in indices]
    return (
        np.stack([c.image for c in critters]),
        np.array([c.label for c in critters], dtype=np.int64),
        np.stack([c.mask for c in critters]).astype(np.uint8),
    )


def _blocks(seed: int, indices: Sequence[int] | range, size: int, workers: int) -> Iterator[Block]:
    """The blocks in order. Only a few are under way at a time, so that a slow disk cannot fill the memory."""
    jobs = ([int(i) for i in indices[at : at + CHUNK]] for at in range(0, len(indices), CHUNK))
    workers = min(workers, -(-len(indices) // CHUNK))
    if workers <= 1:
        yield from (_draw_block(seed, job, size) for job in jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        under_way: deque[Future[Block]] = deque()
        for job in jobs:
            under_way.append(pool.submit(_draw_block, seed, job, size))
            if len(under_way) >= 4 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
