"""Work that may crash, spread over processes: what kills one of them is found and costs nothing but itself."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from warmstart.errors import UserError
from warmstart.runtime.interrupts import children_deaf

MAX_CRASHES = 20
AHEAD = 3  # blocks under way for each process
# Imported once, before processes are forked off.
PRELOADED = ["__main__", "warmstart.ingest.decoding.decode_files", "imagehash"]
T = TypeVar("T")
R = TypeVar("R")
_work: Callable[[Sequence[Any]], object] | None = None  # in a worker: what it does


class Crash:
    """Stands for the result of an item that killed its process."""


def map_blocks(work: Callable[[Sequence[T]], R], items: Sequence[T], size: int, workers: int) -> Iterator[R | Crash]:
    """Do ``work`` on blocks of ``size`` items, in order, in ``workers`` processes; each gets ``work`` once.

    Where a process dies, the blocks under way are done again item by item: results of single items take the place of a
    block's, and a ``Crash`` that of an item that killed its process again. Raises UserError where processes cannot
    start, or die of more than ``MAX_CRASHES`` items.
    """
    blocks = iter([items[start : start + size] for start in range(0, len(items), size)])
    crashed: list[T] = []
    while True:
        pool = _pool(work, workers)
        under_way: deque[tuple[Sequence[T], Future[R]]] = deque()
        try:
            while True:
                while len(under_way) < AHEAD * workers and (block := next(blocks, None)):
                    under_way.append((block, _submit(pool, block)))
                if not under_way:
                    return
                yield under_way[0][1].result()
                under_way.popleft()
        except BrokenProcessPool:
            pool.shutdown(wait=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        for block, done in under_way:
            yield from _one_by_one(work, block, crashed) if done.exception() else [done.result()]


def restart_clock(seconds: float) -> None:
    """In a worker: after so much processor time from now, the process ends, even inside a decoder that never returns.

    0: as much as it takes. Does nothing on Windows, which has no such clock.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _one_by_one(work: Callable[[Sequence[T]], R], items: Sequence[T], crashed: list[T]) -> Iterator[R | Crash]:
    """Each item for itself in a process of its own, which the next one shares as long as it lives."""
    left = deque(items)
    while left:
        pool = _pool(work, 1)
        try:
            with children_deaf():
                ready = pool.submit(os.getpid)
            ready.result()
        except BrokenProcessPool:
            raise UserError("no process to work on images starts, or memory runs out: try data.workers=1") from None
        try:
            while left:
                yield _submit(pool, [left[0]]).result()
                left.popleft()
        except BrokenProcessPool:
            crashed.append(left.popleft())
            if len(crashed) > MAX_CRASHES:
                raise UserError(
                    f"{len(crashed)} photos crashed the decoder, the last of them {crashed[-1]}: take them out, or, if "
                    "they are whole, give the computer more memory or data.workers=1"
                ) from None
            yield Crash()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _pool(work: Callable[[Sequence[T]], R], workers: int) -> ProcessPoolExecutor:
    # Fresh processes, not forks of this one, whose threads may hold locks.
    context = get_context("forkserver" if os.name == "posix" else "spawn")
    if os.name == "posix":
        context.set_forkserver_preload(PRELOADED)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(work,))


def _submit(pool: ProcessPoolExecutor, block: Sequence[T]) -> Future[R]:
    try:
        with children_deaf():  # it may start one
            return pool.submit(_do, block)  # type: ignore[arg-type]
    except BrokenProcessPool as error:  # since the last result was taken
        future: Future[R] = Future()
        future.set_exception(error)
        return future


def _start(work: Callable[[Sequence[Any]], object]) -> None:
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where a process cannot be started deaf to it


def _do(block: Sequence[Any]) -> object:
    assert _work is not None
    try:
        return _work(block)
    finally:
        restart_clock(0)
