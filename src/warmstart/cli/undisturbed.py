"""Moments in which no interrupt is heard."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C waits, for what takes milliseconds and must not be left half-done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in names}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
