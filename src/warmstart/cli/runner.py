"""Running commands that a person could type. What matters of their output is shown, and all of it is kept in a file."""

from __future__ import annotations

import os
import queue
import re
import shlex
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.cli.checkout_lock import MAX_WAIT_SECONDS, repair
from warmstart.cli.dvc.commands import arguments, is_dvc
from warmstart.cli.dvc.lockfile import mark_begun, mark_ended, save_copy
from warmstart.cli.dvc.output import Event, failed_stage, read_line
from warmstart.cli.failures import explain
from warmstart.cli.stage_view import StageView
from warmstart.cli.stopping import hear_interrupts, stop
from warmstart.cli.user_environment import environment
from warmstart.config.paths import stamp
from warmstart.errors import UserError
from warmstart.records.training_summary import TrainingSummary
from warmstart.runtime.console import say
from warmstart.runtime.interrupts import listening, undisturbed

KEPT_LOGS = 20  # of one dataset
EPOCH_DONE = re.compile(r"^((fold|seed) \d+ of \d+, )?epoch \d+/\d+  ")
LAST_OUTPUT_SECONDS = 5.0  # that output is waited for which something else holds open when the command has ended


def new_log(checkout: Checkout, name: str) -> Path:
    """A new empty file below artifacts/.logs for a run of the dataset ``name``; the oldest beyond ``KEPT_LOGS`` go."""
    folder = checkout.root / "artifacts" / ".logs"
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        file = folder / f"{name}_{stamp()}{f'_{number}' if number > 1 else ''}.log"
        with suppress(FileExistsError):
            file.touch(exist_ok=False)
            break
    own = re.compile(re.escape(name) + r"_\d{4}-\d\d-\d\d_[\d-]+_\d{3}(_\d+)?\.log")
    logs = [path for path in folder.iterdir() if own.fullmatch(path.name)]
    logs.sort(key=lambda path: [int(part) for part in re.findall(r"\d+", path.name.removeprefix(name))])
    for old in logs[:-KEPT_LOGS]:
        old.unlink(missing_ok=True)
    return file


class CommandError(UserError):
    """A command failed. stage: the one that did, as DVC names it; empty where none had begun."""

    def __init__(self, message: str, stage: str) -> None:
        super().__init__(message)
        self.stage = stage


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
        """Run one command. Raises CommandError where it fails, KeyboardInterrupt where the person stops it."""
        say(f"$ {shlex.join(typed)}")
        lines: list[str] = []
        view = StageView(self._trained_in)
        with (
            self.log.open("a", encoding="utf-8") as log,
            _repaired(self.checkout) if is_dvc(typed) else nullcontext(),
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
                    if not self.trained and _trained(line):
                        self.trained = True
                        self.when_trained()
                    view.add(lines[-1])
                process.wait()
            view.end(failed=process.returncode != 0)
            if process.returncode:
                raise CommandError(explain(lines, Path(self.checkout.short(self.log))), failed_stage(lines))

    def _trained_in(self, recipe: str) -> float | None:
        """Seconds that a recipe's training took in all, also where this run has only gone on with it."""
        with suppress(UserError):
            return TrainingSummary.read(self.checkout.model(self.dataset, recipe) / "summary.json").seconds
        return None


def _trained(line: str) -> bool:
    """Whether a line says that a training was restored, or has finished an epoch."""
    read = read_line(line)
    return (read.event is Event.RESTORED and read.stage.startswith("train@")) or EPOCH_DONE.match(line) is not None


@contextmanager
def _repaired(checkout: Checkout) -> Iterator[None]:
    """dvc.lock and DVC's locks are in order before a command of DVC, and after it, however it ends."""
    repair(checkout)
    try:
        mark_begun(checkout.root)
        yield
    except BaseException:
        with undisturbed(), suppress(OSError):  # which must not hide what went wrong
            repair(checkout, MAX_WAIT_SECONDS)
        raise
    with undisturbed():
        save_copy(checkout.root)
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
            if silent > LAST_OUTPUT_SECONDS:
                return
            yield None
        else:
            if line is None:
                return
            silent = 0.0
            yield line


@contextmanager
def started(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with its output as lines of text. It is stopped, and waited for, when this one is interrupted."""
    with listening():
        process = None
        try:
            with undisturbed():  # one that was started, and is not known here, nobody could stop
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    start_new_session=True,
                    preexec_fn=hear_interrupts if os.name == "posix" else None,
                )
            yield process
        except BaseException:
            if process is not None:
                stop(process)
            raise
        process.wait()
