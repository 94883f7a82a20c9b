"""Stopping a command that was started, and all that it has started, as Ctrl-C would."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress

import psutil  # type: ignore[import-untyped]

from warmstart.runtime.console import say

MAX_STOP_SECONDS = 20.0  # that an interrupted stage has to end in good order
SILENT_SECONDS = 3.0  # of them without a message
POLL_SECONDS = 0.2


def stop(process: subprocess.Popen[str]) -> None:
    """Interrupt the process and its group; end them after ``MAX_STOP_SECONDS``, or at a second interrupt."""
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            before = _children(process.pid)
            os.killpg(process.pid, number) if hasattr(os, "killpg") else process.terminate()
            if _has_stopped(process, number, before):
                return
        except ProcessLookupError:
            return
        except KeyboardInterrupt:
            continue


def _has_stopped(process: subprocess.Popen[str], number: int, known: set[int]) -> bool:
    """Whether it ends in time. Its output may end later, since the tracking of a training may hold that open.

    DVC ignores interrupts while a stage runs, and begins the next stage after one that comes as the stage ends. So
    children that are not among ``known`` are interrupted as well, once they have been there for a moment.
    """
    end, report_at, seen = time.monotonic() + MAX_STOP_SECONDS, time.monotonic() + SILENT_SECONDS, set(known)
    new: set[int] = set()
    while time.monotonic() < end:
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)
            return True
        for child in new:
            _signal_all(child, number)
        seen |= new
        new = _children(process.pid) - seen
        if time.monotonic() > report_at:
            report_at = end
            say(f"  stopping what is at work, for up to {MAX_STOP_SECONDS:.0f} s; press Ctrl-C again to end it")
    return False


def _children(process: int) -> set[int]:
    with suppress(psutil.Error):
        return {child.pid for child in psutil.Process(process).children()}
    return set()


def _signal_all(process: int, number: int) -> None:
    """Send a signal to a process and what it has started: a shell may be around the stage."""
    with suppress(psutil.Error):
        found = psutil.Process(process)
        for one in [found, *found.children(recursive=True)]:
            with suppress(psutil.Error):
                one.send_signal(number)


def hear_interrupts() -> None:
    """In a child before its command begins: a job in the background ignores interrupts, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
