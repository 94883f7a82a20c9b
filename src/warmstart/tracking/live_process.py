"""The process that logs a training to MLflow while it runs: it levels the run with the files after every poke.

Started by `warmstart.tracking.live.LiveTracker`, which speaks to it over its standard input.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from warmstart.errors import first_line
from warmstart.files.plain import read_json, write_text
from warmstart.runtime.interrupts import SIGNALS
from warmstart.runtime.machine_errors import sentence
from warmstart.tracking.live import ID_FILE, Ending

if TYPE_CHECKING:
    from warmstart.tracking.level import Status

_WATCH_SECONDS = 1.0
ENDED: dict[Ending, Status] = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}


def main(argv: list[str] | None = None) -> int:
    """The tracking process: read words from standard input until one says how the training ended, or it closes."""
    parser = argparse.ArgumentParser(prog="warmstart.tracking.live_process")
    for name in ("root", "model-dir", "state"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--started", type=int, required=True)
    arguments = parser.parse_args(argv)
    for number in SIGNALS:  # it ends when the training has, to say how
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # training has the processor
    words = _Words(arguments.parent)

    from warmstart.tracking.alive import close_dead
    from warmstart.tracking.level import level_run
    from warmstart.tracking.store import experiment, open_store

    client = open_store(arguments.root)
    experiment_id = experiment(client, arguments.dataset)
    folder: Path = arguments.model_dir

    def level(status: Status, current: bool | None = None) -> str:
        return level_run(client, experiment_id, folder, status=status, current=current, tracker=arguments.started)

    write_text(arguments.state / ID_FILE, level("RUNNING") + "\n")
    close_dead(client, experiment_id, arguments.root)
    while True:
        word = words.next()
        if word == "poke":
            try:
                level("RUNNING")
            except Exception:
                traceback.print_exc()
        elif word is None:  # killed: the trainer had no time for a last word
            level("KILLED")
            return 0
        else:
            status, finished_dir = json.loads(word)
            folder = Path(finished_dir) if finished_dir else folder
            by_dvc = status == "finished" and read_json(folder / "run.json").get("kind") == "dvc"
            level(ENDED[status], by_dvc or None)
            return 0


class _Words:
    """The lines of standard input; None at its end, or when the parent is gone.

    Both, because data loader workers inherit the writing end of the pipe and may outlive a killed training for a while.
    """

    def __init__(self, parent: int) -> None:
        self._gone = _watch(parent)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> str | None:
        """The next word; pokes that have piled up count as one."""
        word = self._wait()
        while word == "poke" and not self._lines.empty():
            word = self._lines.get()
        return word

    def _wait(self) -> str | None:
        while True:
            try:
                return self._lines.get(timeout=_WATCH_SECONDS)
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
