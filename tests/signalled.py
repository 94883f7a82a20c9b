"""Processes of their own that are sent a signal at a moment of the test's choice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reliability.nursery import Nursery

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PATIENCE = 120.0


@dataclass(frozen=True)
class Ended:
    """How a process ended, and all that it and its children printed."""

    status: int
    said: str


def python_hit(
    words: Sequence[str],
    numbers: Sequence[int],
    *,
    at: str,
    after: float = 0.0,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    ignored: Sequence[int] = (),
) -> Ended:
    """Run Python with ``words`` and send it the signals ``numbers``, one at once after another, ``after`` seconds after
    it printed ``at``.

    SIGINT goes to its whole group, as from a terminal; the others to it alone. ignored: signals that it is started deaf
    to. What it prints ends when all of its children have ended.
    """
    process = subprocess.Popen(
        [sys.executable, *words], cwd=cwd, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True, preexec_fn=lambda: _hear(ignored),
    )  # fmt: skip
    killer = threading.Timer(PATIENCE, os.killpg, [process.pid, signal.SIGKILL])
    killer.start()
    assert process.stdout
    said = ""
    try:
        for line in process.stdout:
            said += line
            if at in line:
                break
        else:
            raise AssertionError(f"it never said {at!r}:\n{said}")
        time.sleep(after)
        for number in numbers:
            os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        said += process.stdout.read()
        return Ended(process.wait(), said)
    finally:
        killer.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def forked_hit(forked: Nursery, words: Sequence[str], number: int, *, at: str, cwd: Path, log: Path) -> Ended:
    """`python_hit` for one signal to a fork that has the libraries loaded. What is to be seen at once must be flushed.

    log: where it writes.
    """
    job = forked.start(list(words), folder=cwd, log=log)
    deadline = time.monotonic() + PATIENCE
    while not (log.exists() and at in log.read_text()):
        assert time.monotonic() < deadline, f"it never said {at!r}"
        time.sleep(0.02)
    os.killpg(job.number, number) if number == signal.SIGINT else os.kill(job.number, number)
    return Ended(job.wait(), log.read_text())


def _hear(ignored: Sequence[int]) -> None:
    """A test that runs in the background may be deaf to some of them, and its children with it."""
    for number in NUMBERS:
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
