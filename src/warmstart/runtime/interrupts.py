"""Being interrupted (Ctrl-C), ended (SIGTERM) or hung up (SIGHUP): one exception, one line and one exit status, 128 and
the signal's number.

A process that has called `listen` ends at once while nothing is under way, and otherwise raises `Interrupted` where it
is. What is raised after a signal counts as its consequence, whatever it is: libraries turn interrupts into errors of
their own.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

GO_ON = "the same command goes on where this one stopped"
_WORDS = {
    "SIGINT": "interrupted",
    "SIGTERM": "ended from outside (SIGTERM)",
    "SIGHUP": "the terminal was closed (SIGHUP)",
}
SIGNALS = {number: words for name, words in _WORDS.items() if (number := getattr(signal, name, None))}
GRACE = 2.0  # seconds in which signals count as one: a second Ctrl-C, or the terminal's and the shell's SIGHUP
AGAIN = 0.1  # seconds after which an interrupt is raised that could not be where it was heard
CLOCK = hasattr(signal, "setitimer")


class Interrupted(KeyboardInterrupt):
    """A signal asks the process to end. number: which."""

    def __init__(self, number: int) -> None:
        super().__init__(SIGNALS.get(number, "interrupted"))
        self.number = number


@dataclass
class _State:
    """owner: the process that listens, 0 while none does. first: the first signal. at: when one was raised last. late:
    whether one came in a block that must not be interrupted. told: whether the line about it is printed. The others
    count blocks: those that would be interrupted, those that must not be, and those that have to be left in order.
    """

    owner: int = 0
    first: int | None = None
    at: float = -math.inf
    blocks: int = 0
    deaf: int = 0
    orders: int = 0
    late: bool = False
    told: bool = False


_now = _State()


def listen() -> None:
    """Hear the signals from now on, but for those that this process was started to ignore, as by ``nohup`` or in the
    background.
    """
    global _now
    if _now.owner == os.getpid():
        return
    _now = _State()
    with suppress(ValueError):  # not the main thread: whoever runs that listens
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _hear)
        _now.owner = os.getpid()
        if CLOCK:
            signal.signal(signal.SIGALRM, _raise_again)
            sys.unraisablehook = _not_raised


@contextmanager
def listening() -> Iterator[None]:
    """Hear the signals inside, and raise them there, also where nobody has called `listen`."""
    new = _now.owner != os.getpid()
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    if new:
        listen()
    try:
        with raising(), in_order():
            yield
    finally:
        if new and _now.owner:
            _put_back(handlers)
            _now.owner, _now.first, _now.told = 0, None, False


@contextmanager
def raising() -> Iterator[None]:
    """Something is under way, and has to be put in order: a signal raises `Interrupted` inside."""
    state = _now
    state.blocks += 1
    try:
        yield
    finally:
        state.blocks -= 1


@contextmanager
def in_order() -> Iterator[None]:
    """What is under way has more to put in order than the death of the process does by itself, such as processes that
    it has started.

    So a signal during an import is raised after it. Otherwise it ends the process at once: that may not be raised
    inside an import.
    """
    state = _now
    state.orders += 1
    try:
        yield
    finally:
        state.orders -= 1


@contextmanager
def undisturbed() -> Iterator[None]:
    """Something short that has to be done to its end: a signal inside raises `Interrupted` after it."""
    state = _now
    state.deaf += 1
    try:
        yield
    finally:
        state.deaf -= 1
        if state.late and not state.deaf:
            state.late = False
            check()


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Put back, at the end, what answers the signals: a library inside may leave it changed."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        _put_back(handlers)


@contextmanager
def children_deaf() -> Iterator[None]:
    """Processes that are started inside never hear Ctrl-C, not even while they start: their parent answers it, and ends
    them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it lets the signals through again when it has started
    with undisturbed():  # a child whose start is broken off complains
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def check() -> None:
    """Raise `Interrupted` where a signal was heard, and a library has swallowed what it raised."""
    if number := heard():
        raise Interrupted(number)


def heard(error: BaseException | None = None) -> int | None:
    """The signal that this process was asked to end by, first, or that ``error`` stands for; None where
    there is none.
    """
    if _now.first and _now.owner == os.getpid():
        return _now.first
    return getattr(error, "number", int(signal.SIGINT)) if isinstance(error, KeyboardInterrupt) else None


def exit_status(number: int, words: str = "") -> int:
    """Print, once, why the process ends; returns its exit status. words: in the place of the usual ones."""
    if not (_now.told and _now.owner):
        _now.told = True
        with suppress(
            OSError, RuntimeError, ValueError, AttributeError
        ):  # the terminal is gone, or closed, or just being written to
            sys.stderr.write(f"{words or f'{SIGNALS[number]}; {GO_ON}'}\n")
            sys.stderr.flush()
    return 128 + number


def _hear(number: int, frame: FrameType | None) -> None:
    if os.getpid() != _now.owner:  # a fork, which its parent ends
        if number != signal.SIGINT:
            os._exit(128 + number)
        return
    _now.first = _now.first or number
    if not _now.blocks:
        os._exit(exit_status(_now.first))
    if time.monotonic() - _now.at > GRACE:
        _raise(frame)


def _raise(frame: FrameType | None) -> None:
    """Raise Interrupted, but not inside an import: libraries of C++ end the whole process for that, or stay half
    imported.
    """
    if _now.deaf:
        _now.late = True
        return
    while frame and CLOCK:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            if not _now.orders:
                os._exit(exit_status(int(_now.first or signal.SIGINT)))
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
            return
        frame = frame.f_back
    _now.at = time.monotonic()
    check()


def _not_raised(what: Any) -> None:
    """Python's hook for what is raised where nobody can catch it, such as while an object is freed."""
    if isinstance(what.exc_value, KeyboardInterrupt) and _now.owner == os.getpid():
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    else:
        sys.__unraisablehook__(what)


def _raise_again(number: int, frame: FrameType | None) -> None:
    if _now.blocks and _now.owner == os.getpid():
        _raise(frame)


def _put_back(handlers: dict[int, Any]) -> None:
    with suppress(ValueError):  # not the main thread, which alone may
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)
