"""Stopping a command that was started, and all that it has started, as Ctrl-C would."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress

from warmstart.runtime.console import say

PATIENCE = 20.0  # seconds that an interrupted stage has to put its things in order
SILENT = 3.0  # of them without a word
LOOK = 0.2  # seconds between two looks


def stop(process: subprocess.Popen[str]) -> None:
    """Interrupt the process and its group; end them where they do not stop in `PATIENCE` seconds, or the person interrupts once more."""
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
    """Whether it ends in time; its output may end later, for the tracking of a training may hold that open.

    DVC hears no interrupt while a stage runs. One that comes when the stage ends anyway is therefore lost, and DVC begins the next stage:
    so what was not there before (``known``) is interrupted as well, when it has been there for a moment.
    """
    end, tell_at, seen = time.monotonic() + PATIENCE, time.monotonic() + SILENT, set(known)
    new: set[int] = set()
    while time.monotonic() < end:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK)
            return True
        for child in new:
            _tell(child, number)
        seen |= new
        new = _children(process.pid) - seen
        if time.monotonic() > tell_at:
            tell_at = end
            say(f"  stopping what is at work, for up to {PATIENCE:.0f} s; press Ctrl-C again to end it")
    return False


def _children(process: int) -> set[int]:
    import psutil  # type: ignore[import-untyped]

    with suppress(psutil.Error):
        return {child.pid for child in psutil.Process(process).children()}
    return set()


def _tell(process: int, number: int) -> None:
    """Send a signal to a process and what it has started: a shell may be around the stage."""
    import psutil  # type: ignore[import-untyped]

    with suppress(psutil.Error):
        found = psutil.Process(process)
        for one in [found, *found.children(recursive=True)]:
            with suppress(psutil.Error):
                one.send_signal(number)


def hear_interrupts() -> None:
    """Before a command is begun: a job in the background ignores interrupts, and what it starts would ignore them too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
