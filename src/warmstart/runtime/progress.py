"""Progress of long work: a rich bar on a terminal, else a log line every ten seconds."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from warmstart.text.quantities import format_duration

log = logging.getLogger(__name__)
T = TypeVar("T")
SECONDS_BETWEEN_LINES = 10.0


def step(what: str, number: int, total: int) -> None:
    """Log that part ``number`` of ``total`` begins, counted from 1. what: a word for a part."""
    log.info("%s: %d of %d", what, number, total)


def progress(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Yield ``items`` and show the progress. what: a word for the work. total: how many items are expected."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=what, total=total, console=Console(stderr=True), transient=True)
        return
    start = logged = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        if (now := time.monotonic()) - logged > SECONDS_BETWEEN_LINES:
            logged = now
            log.info(
                "%s: %d of %d, %s left", what, done, total, format_duration((now - start) / done * max(0, total - done))
            )
