"""Being ended or hung up as an interrupt, and moments in which no interrupt is heard."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def ending_interrupts() -> Iterator[None]:
    """Being ended or hung up counts as an interrupt, so that no stage is left running on its own and nothing half-written."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    names = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    before = {number: signal.signal(number, interrupt) for number in names if signal.getsignal(number) != signal.SIG_IGN}  # nohup
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
