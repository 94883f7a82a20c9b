"""Running the commands that a person could type, showing what matters of their output and keeping all of it in a file."""

from __future__ import annotations

import os
import queue
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from warmstart.cli.alone import WAIT, mend
from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc_lock import keep, mark_begun, mark_ended
from warmstart.cli.failures import explain
from warmstart.cli.identity import identity
from warmstart.cli.stopping import hear_interrupts, stop
from warmstart.cli.view import View
from warmstart.cli.words import failed_stage
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.runtime.console import say
from warmstart.runtime.interrupts import listening, undisturbed

TRAINED = re.compile(r"^Stage 'train@[^']+' is cached|^(fold \d+ of \d+, )?epoch \d+/\d+  ")
LAST_WORDS = 5.0  # seconds that output is waited for which something else holds open when the command has ended


class CommandError(UserError):
    """A command failed. stage: the one that did, as DVC names it; empty where none had begun."""

    def __init__(self, message: str, stage: str) -> None:
        super().__init__(message)
        self.stage = stage


def environment() -> dict[str, str]:
    """What commands are run with: DVC's `python` is the one that runs this, and nothing phones home."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **identity(), "PATH": path, **quiet}


def arguments(typed: Sequence[str]) -> list[str]:
    """What is run for what a person would type, ``dvc …`` or ``python …``: the same Python that runs this, whatever PATH says."""
    return [sys.executable, *(["-m", "dvc"] if typed[0] == "dvc" else []), *typed[1:]]


class Runner:
    """Runs commands in a checkout. log: where all of their output is added. dataset: what they are about.

    trained: whether an epoch of a training is done, now or by an earlier run. when_trained: called as soon as one is.
    """

    def __init__(self, checkout: Checkout, log: Path, dataset: str = "") -> None:
        self.checkout, self.log, self.dataset = checkout, log, dataset
        self.trained = False
        self.when_trained: Callable[[], None] = lambda: None
        log.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, typed: Sequence[str]) -> None:
        """Run one command, saying which. Raises CommandError where it fails, KeyboardInterrupt where the person stops it."""
        say(f"$ {shlex.join(typed)}")
        lines: list[str] = []
        view = View(self._trained_in)
        with (
            self.log.open("a", encoding="utf-8") as log,
            _whole_lock(self.checkout) if typed[0] == "dvc" else nullcontext(),
        ):
            log.write(f"$ {shlex.join(typed)}\n")
            log.flush()
            with started(arguments(typed), self.checkout.root) as process:
                for line in _lines(process):
                    if line is None:
                        view.tick()
                        continue
                    log.write(line)
                    log.flush()
                    lines.append(line.rstrip("\n"))
                    if not self.trained and TRAINED.match(line):
                        self.trained = True
                        self.when_trained()
                    view.see(lines[-1])
                process.wait()
            view.end(failed=process.returncode != 0)
            if process.returncode:
                raise CommandError(explain(lines, Path(self.checkout.short(self.log))), failed_stage(lines))

    def _trained_in(self, recipe: str) -> float | None:
        """Seconds that a recipe's training took in all, also where this run has only gone on with it."""
        try:
            return float(
                read_json(self.checkout.dataset(self.dataset) / "recipes" / recipe / "model" / "summary.json")[
                    "seconds"
                ]
            )
        except (UserError, OSError, KeyError, TypeError, ValueError):
            return None


@contextmanager
def _whole_lock(checkout: Checkout) -> Iterator[None]:
    """dvc.lock and DVC's locks are in order before a command of DVC, and after it, however it ends."""
    mend(checkout)
    try:
        mark_begun(checkout.root)
        yield
    except BaseException:
        with undisturbed(), suppress(OSError):  # which must not hide what went wrong
            mend(checkout, WAIT)
        raise
    with undisturbed():
        keep(checkout.root)
        mark_ended(checkout.root)


def _lines(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """The lines of its output, and None whenever a second has passed without one."""
    waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            waiting.put(line)
        waiting.put(None)

    threading.Thread(target=read, daemon=True).start()
    silent = 0.0
    while True:
        try:
            line = waiting.get(timeout=1.0)
        except queue.Empty:
            silent = silent + 1 if process.poll() is not None else 0.0
            if silent > LAST_WORDS:
                return
            yield None
            continue
        if line is None:
            return
        silent = 0.0
        yield line


@contextmanager
def started(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with its output as lines of text. It is stopped, and waited for, when this one is interrupted, ended or hung up."""
    with listening():
        process = None
        try:
            with undisturbed():  # one that was started, and is not known here, nobody could stop
                process = subprocess.Popen(
                    command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    text=True, encoding="utf-8", errors="replace", start_new_session=True, preexec_fn=hear_interrupts if os.name == "posix" else None,
                )  # fmt: skip
            yield process
        except BaseException:
            if process is not None:
                stop(process)
            raise
        process.wait()
