"""Progress that reads well everywhere: a rich bar on a terminal, a plain line now and then when not."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")
SECONDS_BETWEEN_LINES = 10.0


def step(what: str, number: int, total: int) -> None:
    """Say that part ``number`` of ``total`` of some work begins, counted from 1. what: a word for that part."""
    log.info("%s: %d of %d", what, number, total)


def progress(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Pass ``items`` on, showing how far along they are. what: a word for it; total: how many are expected."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=what, total=total, console=Console(stderr=True), transient=True)
        return
    start = told = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        if (now := time.monotonic()) - told > SECONDS_BETWEEN_LINES:
            told = now
            log.info(
                "%s: %d of %d, %s left", what, done, total, spell_seconds((now - start) / done * max(0, total - done))
            )


def spell_epochs(epochs: int) -> str:
    """A number of epochs for a person: ``1 epoch``, ``30 epochs``."""
    return f"{epochs:,} epoch{'' if epochs == 1 else 's'}"


def spell_seconds(seconds: float) -> str:
    """A time for a person: ``4 s``, ``95 s``, ``12 min``, ``3.1 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
