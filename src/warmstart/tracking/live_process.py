"""The process that synchronises an MLflow run with the files of its training after every epoch.

`warmstart.tracking.live.LiveTracker` starts it and writes to its standard input: `EPOCH_LINE` after an epoch, and how
the training ended.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import cast

from warmstart.errors import first_line
from warmstart.files.plain import write_text
from warmstart.records.run_identity import Ending, RunIdentity, RunStatus
from warmstart.runtime.interrupts import SIGNALS
from warmstart.runtime.machine_errors import sentence
from warmstart.tracking.live import EPOCH_LINE, ID_FILE, STATUS_OF

_PARENT_CHECK_S = 1.0


def main(argv: list[str] | None = None) -> int:
    """Read lines from standard input until one reports how the training ended, or it closes."""
    parser = argparse.ArgumentParser(prog="warmstart.tracking.live_process")
    types = {"root": Path, "run-dir": Path, "dataset": str, "parent": int, "started": int}
    for name, kind in types.items():
        parser.add_argument(f"--{name}", type=kind, required=True)
    arguments = parser.parse_args(argv)
    for number in SIGNALS:  # it ends when the training has, to say how
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # training has the processor
    lines = _Lines(arguments.parent)

    from warmstart.tracking.run_lock import close_killed_runs
    from warmstart.tracking.store import Experiment
    from warmstart.tracking.sync_run import sync_run

    experiment = Experiment.open(arguments.root, arguments.dataset)

    def sync(status: RunStatus, current: bool = False) -> str:
        return sync_run(experiment, arguments.run_dir, status=status, current=current, tracker=arguments.started)

    write_text(arguments.run_dir / ID_FILE, sync("RUNNING") + "\n")
    close_killed_runs(experiment)
    while True:
        line = lines.next()
        if line == EPOCH_LINE:
            try:
                sync("RUNNING")
            except Exception:
                traceback.print_exc()
        elif line is None:  # the training was killed
            sync("KILLED")
            return 0
        else:
            by_dvc = line == "finished" and RunIdentity.read(arguments.run_dir / "run.json").kind == "dvc"
            sync(STATUS_OF[cast(Ending, line)], by_dvc)
            return 0


class _Lines:
    """The lines of standard input; None at its end, or when the parent is gone.

    Both, because workers of a data loader inherit the writing end of the pipe and may outlive a killed training.
    """

    def __init__(self, parent: int) -> None:
        self._gone = _watch(parent)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> str | None:
        """The next line; epochs that have piled up count as one."""
        line = self._wait()
        while line == EPOCH_LINE and not self._lines.empty():
            line = self._lines.get()
        return line

    def _wait(self) -> str | None:
        while True:
            try:
                return self._lines.get(timeout=_PARENT_CHECK_S)
            except queue.Empty:
                if self._gone():
                    return None

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.strip())
        self._lines.put(None)


def _watch(process: int) -> Callable[[], bool]:
    """A function that says whether a process, that of the training, is gone. It need not be the parent of this one."""
    if not hasattr(os, "pidfd_open"):
        return lambda: os.name == "posix" and os.getppid() != process
    try:
        descriptor = os.pidfd_open(process)
    except OSError:
        return lambda: os.getppid() != process
    return lambda: bool(select.select([descriptor], [], [], 0)[0])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as failure:  # the log's last line is what the training shows
        traceback.print_exc()
        sys.stderr.write(f"{sentence(failure) or f'{type(failure).__name__}: {first_line(failure)}'}\n")
        sys.exit(1)
