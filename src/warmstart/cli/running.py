"""Running the commands that a person could type, showing what matters of their output and keeping all of it in a file."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warmstart.cli.checkout import Checkout
from warmstart.cli.failures import explain
from warmstart.cli.identity import identity
from warmstart.cli.words import NOISE, PASSING, stage_words, took
from warmstart.console import say
from warmstart.errors import UserError

RUNNING = re.compile(r"^Running stage '([^']+)':")
RESTORED = re.compile(r"^Stage '([^']+)' is cached - skipping run")
EXPECTED = re.compile(r"^expect about [\d.]+ (min|h)")
PATIENCE = 20.0  # seconds that an interrupted stage has to put its things in order
SHOWN = 6  # lines of a stage that are shown


def environment() -> dict[str, str]:
    """What commands are run with: DVC's `python` is the one that runs this, and nothing phones home."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **identity(), "PATH": path, **quiet}


def arguments(typed: Sequence[str]) -> list[str]:
    """What is run for what a person would type, ``dvc …`` or ``python …``: the same Python that runs this, whatever PATH says."""
    return [sys.executable, *(["-m", "dvc"] if typed[0] == "dvc" else []), *typed[1:]]


class Runner:
    """Runs commands in a checkout. log: where all of their output goes, from the first command on."""

    def __init__(self, checkout: Checkout, log: Path) -> None:
        self.checkout, self.log = checkout, log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")

    def __call__(self, typed: Sequence[str]) -> None:
        """Run one command, saying which. Raises UserError where it fails, KeyboardInterrupt where the person stops it."""
        say(f"$ {shlex.join(typed)}")
        lines: list[str] = []
        view = _View()
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {shlex.join(typed)}\n")
            with started(arguments(typed), self.checkout.root) as process:
                for line in process.stdout or ():
                    log.write(line)
                    log.flush()
                    lines.append(line.rstrip("\n"))
                    view.see(lines[-1])
        view.end()
        if process.returncode:
            raise UserError(explain(lines, self.log))


@contextmanager
def started(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with its output as lines of text. It is stopped, and waited for, when this one is interrupted, ended or hung up."""
    with ending_interrupts():
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace", start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        except BaseException:
            _stop(process)
            raise
        process.wait()


def _stop(process: subprocess.Popen[str]) -> None:
    """Interrupt the process and all that it has started, as Ctrl-C would; end them where they do not stop."""
    # A job in the background may have been started with interrupts ignored, and so are its children.
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            os.killpg(process.pid, number) if hasattr(os, "killpg") else process.terminate()
            process.wait(PATIENCE)  # not for the end of its output, which the tracking of a training may hold open
            return
        except ProcessLookupError:
            return
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue


@contextmanager
def ending_interrupts() -> Iterator[None]:
    """Being ended or hung up counts as an interrupt, so that no stage is left running on its own."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    names = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    before = {number: signal.signal(number, interrupt) for number in names if signal.getsignal(number) != signal.SIG_IGN}  # nohup
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _View:
    """What a person sees of DVC's output: a line for every stage when it is done, and on a terminal what it is doing."""

    def __init__(self) -> None:
        self.stage = ""
        self.since = 0.0
        self.told: list[str] = []
        self.done = 0
        self.dvc = False
        self.live = sys.stdout.isatty()

    def see(self, line: str) -> None:
        if found := RUNNING.match(line):
            self._finish()
            self.stage, self.since, self.told, self.dvc = found[1], time.monotonic(), [], True
            self._passing("…")
        elif found := RESTORED.match(line):
            self._finish()
            self.done += 1
            say(f"  {stage_words(found[1])}: as in an earlier run")
        elif line.startswith("Stage '"):
            self.dvc = True
        elif line.startswith("Updating lock file"):
            self._finish()
        elif self.stage and PASSING.match(line):
            self._passing(line)
        elif self.stage and not NOISE.match(line) and not line.startswith(("ERROR", "error: ")):
            self.told.append(line)
            if EXPECTED.match(line):
                self._clear()
                say(f"  {self.stage.partition('@')[2] or self.stage}: {line}")

    def end(self) -> None:
        self._clear()
        if self.dvc and not self.done and not self.stage:
            say("  nothing to do: all is as it was")

    def _finish(self) -> None:
        if not self.stage:
            return
        self._clear()
        self.done += 1
        if not any(line.endswith("nothing to extract") for line in self.told):
            say(f"  {stage_words(self.stage)} ({took(time.monotonic() - self.since)})")
        if self.stage in ("prepare", "audit"):
            for line in self.told[:SHOWN]:
                say(f"    {line if len(line) < 300 else line[:299] + '…'}")
        self.stage = ""

    def _passing(self, text: str) -> None:
        if self.live:
            width = shutil.get_terminal_size().columns
            sys.stdout.write("\r\x1b[K" + f"  {self.stage}: {text}"[: width - 1])
            sys.stdout.flush()

    def _clear(self) -> None:
        if self.live:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()
