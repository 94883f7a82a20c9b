"""Logging a training to MLflow while it runs: the side of the training, which neither imports MLflow nor raises.

The other side is a process of its own, `warmstart.tracking.live_process`; `publish` adds what it has missed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import warmstart
from warmstart.errors import UserError
from warmstart.records.run_identity import Ending, RunIdentity, RunStatus
from warmstart.runtime.preload import fork_module
from warmstart.tracking import messages
from warmstart.tracking.run_lock import RunLock

if TYPE_CHECKING:
    from warmstart.runtime.preload_module import ForkedModule

_logger = logging.getLogger(__name__)
STATUS_OF: dict[Ending, RunStatus] = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}
ID_FILE = "mlflow_run_id"
EPOCH_LINE = "epoch"  # what the other process reads after every epoch
_LOG_FILE = "tracking.log"
_MODULE = "warmstart.tracking.live_process"


class LiveTracker:
    """The observer of a training that starts the other process and notifies it.

    An epoch is reported after its checkpoint, so MLflow never has one that a resumed training would run again. root:
    the checkout; its ``mlruns/`` is the store. dataset: the experiment's name.
    """

    def __init__(self, root: Path, dataset: str) -> None:
        self._root, self._dataset = root.resolve(), dataset
        self._process: subprocess.Popen[bytes] | ForkedModule | None = None
        self._folder: Path | None = None
        self._warned = False
        self._lock: RunLock | None = None

    def started(self, run_dir: Path) -> None:
        """Start the other process. run_dir: the folder with run.json (there already), config.yaml and the growing
        history.csv; ``mlflow_run_id`` and ``tracking.log`` are written there.
        """
        self._folder = run_dir = run_dir.resolve()
        source = str(Path(warmstart.__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
        where = {"root": self._root, "dataset": self._dataset, "run-dir": run_dir}
        options = {**where, "parent": os.getpid(), "started": time.time_ns()}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        try:
            self._lock = RunLock(self._root, RunIdentity.read(run_dir / "run.json").run_key)
            (run_dir / ID_FILE).unlink(missing_ok=True)
            with (run_dir / _LOG_FILE).open("wb") as log:
                self._process = fork_module(_MODULE, words, log.fileno(), source) or subprocess.Popen(
                    [sys.executable, "-m", _MODULE, *words],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "PYTHONPATH": path},
                    start_new_session=True,  # a signal to the training's group leaves it to say how the run ended
                )
            if self._process.stdin is not None:
                os.set_blocking(self._process.stdin.fileno(), False)
        except (OSError, UserError) as error:
            self._warn(str(error))

    @property
    def run_id(self) -> str | None:
        """The MLflow run id; None in the first seconds, while the other process still opens the store."""
        try:
            return (self._folder / ID_FILE).read_text(encoding="utf-8").strip() or None if self._folder else None
        except OSError:
            return None

    def on_epoch_end(self) -> None:
        """Report that history.csv has grown. Costs a system call."""
        self._send(EPOCH_LINE)

    def ended(self, status: Ending) -> str | None:
        """Report how the training ended, wait until MLflow has it, and return the run id (None when that failed).

        After 60 s, and 5 s where the training was interrupted, the other process is left to finish on its own.
        """
        try:
            return self._close(status, 5.0 if status == "killed" else 60.0)
        finally:
            if self._lock:
                self._lock.release()

    def _close(self, status: Ending, timeout: float) -> str | None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return self.run_id
        with contextlib.suppress(OSError):
            os.set_blocking(process.stdin.fileno(), True)
            process.stdin.write(f"{status}\n".encode())
            process.stdin.flush()
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            if status != "killed":
                self._warn(messages.STILL_RUNNING.format(seconds=timeout))
            return self.run_id
        if code != 0:
            self._warn(self._last_line())
        return self.run_id

    def _send(self, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            os.write(self._process.stdin.fileno(), f"{line}\n".encode())
        except BlockingIOError:
            pass  # thousands of notifications are in the pipe already
        except OSError:
            process, self._process = self._process, None
            with contextlib.suppress(OSError):
                process.stdin.close() if process.stdin else None
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
            self._warn(self._last_line())

    def _last_line(self) -> str:
        try:
            text = (self._folder / _LOG_FILE).read_text(encoding="utf-8", errors="replace") if self._folder else ""
        except OSError:
            text = ""
        return next((line for line in reversed(text.splitlines()) if line.strip()), messages.NO_REASON)

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            log = (self._folder or Path()) / _LOG_FILE
            _logger.warning(messages.LIVE_LOGGING_FAILED.format(reason=reason, log=log))
