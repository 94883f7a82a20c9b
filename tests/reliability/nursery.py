"""Processes in which a stage runs and is killed, forked from one that has the libraries loaded, so that a try costs
what its work costs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from support import CHECKOUT

HERE = Path(__file__).resolve().parent
LIMIT = 240.0  # seconds after which a job counts as hanging


@dataclass
class Job:
    """A running job. number: of its process, which leads a group of its own."""

    nursery: Nursery
    number: int
    started: float

    def send(self, name: str) -> None:
        """Send it a signal, ``KILL``, ``TERM`` or ``INT``."""
        os.kill(self.number, getattr(signal, f"SIG{name}"))

    def wait(self) -> int:
        """Wait for it; returns its exit status, or the negative number of the signal that ended it."""
        status = self.nursery.ask({"wait": self.number, "seconds": LIMIT})
        assert status is not None, f"a job still ran after {LIMIT:.0f} s"
        return int(status)

    def end_after(self, seconds: float, name: str) -> int:
        """Send the signal so many seconds after the job's start and wait for its end."""
        time.sleep(max(0.0, self.started + seconds - time.monotonic()))
        self.send(name)
        return self.wait()


class Nursery:
    """Starts jobs. tree: the copy of the project whose modules are loaded before the fork."""

    def __init__(self, folder: Path, tree: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.log, self.begun = folder, folder / "nursery.log", 0
        here = os.environ.get("PYTHONPATH", "")
        path = {"PYTHONPATH": os.pathsep.join([str(HERE.parent), here] if here else [str(HERE.parent)])}
        quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "NO_ALBUMENTATIONS_UPDATE": "1"}
        one = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        with (folder / "errors.log").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "nursery_process.py"), str(tree)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder,
                env={**os.environ, **path, **quiet, **one}, start_new_session=True,
            )  # fmt: skip
        assert self._answer() == "ready", (folder / "errors.log").read_text()

    def start(self, script: list[str] | None = None, call: str = "", *, arguments: Mapping[str, Any] | None = None, folder: Path | None = None,
              environment: Mapping[str, str] | None = None, crash: Mapping[str, Any] | None = None,
              fresh: bool = False, log: Path | None = None, errors: Path | None = None) -> Job:  # fmt: skip
        """Start ``python SCRIPT…`` in ``folder``, or a function of `reliability.jobs`. crash: what `watch_changes`
        takes. fresh: without the modules of the project that are loaded, for a script of another copy. log, errors:
        where its output and its standard error go, else to the log of all jobs.
        """
        request = {
            "script": script,
            "call": call,
            "arguments": arguments or {},
            "folder": str(folder or self.folder),
            "log": str(log or self.log),
            "errors": str(errors or log or self.log),
        }
        started = time.monotonic()
        number = int(self.ask({**request, "environment": dict(environment or {}), "crash": crash, "fresh": fresh}))
        return Job(self, number, started)

    def run(self, *arguments: Any, **options: Any) -> int:
        """Start a job and wait for its exit status."""
        return self.start(*arguments, **options).wait()

    def begin(
        self, *words: str, cwd: Path = CHECKOUT, fresh: bool = False, **environment: str
    ) -> Callable[[], subprocess.CompletedProcess[str]]:
        """Start ``python SCRIPT…``; returns what waits for its end and returns the finished process with its output as
        text.
        """
        self.begun += 1
        log, errors = (self.folder / f"{self.begun}.{name}" for name in ("log", "errors"))
        given = {**os.environ, **environment}
        job = self.start(list(words), folder=cwd, environment=given, fresh=fresh, log=log, errors=errors)

        def finished() -> subprocess.CompletedProcess[str]:
            return subprocess.CompletedProcess(words, job.wait(), log.read_text(), errors.read_text())

        return finished

    def python(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """`support.python` for a script, in a fork. options: as `begin` has them."""
        return self.begin(*words, **options)()

    def ask(self, request: Mapping[str, Any]) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"the nursery has ended: {(self.folder / 'errors.log').read_text()[-2000:]}"
        return json.loads(line)

    def said(self) -> str:
        """What the jobs since the last call have written to the terminal."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        return text

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.kill()  # it has nothing to put in order, and takes long to do it
        self.process.wait(30)
