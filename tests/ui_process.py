"""``warmstart ui`` as a process of its own, in a checkout of an odd name, and whether what it started is
still there.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support import CHECKOUT
from warmstart.cli import ui

# Gives the command in the checkout of the first argument, with, where there is a third, that script in the place of
# MLflow.
COMMAND = """
import sys, warmstart
warmstart.__file__ = sys.argv[1] + "/src/warmstart/__init__.py"
from warmstart.cli import ui
from warmstart.cli.main import main
if sys.argv[3:]:
    ui.arguments = lambda typed: [sys.executable, sys.argv[3], sys.argv[2]]
main(["ui", "--port", sys.argv[2]])
"""


def make_checkout(root: Path) -> Path:
    """A checkout, with an empty file in the place of a database where there is none."""
    for name in ("conf", "pipelines", "src/warmstart", "mlruns"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("dvc.yaml", "params.yaml", "pipelines/choose.py"):
        shutil.copy(CHECKOUT / name, root / name)
    (root / "mlruns/mlflow.db").touch()
    return root


@contextmanager
def give(place: Path, port: int, *script: str) -> Iterator[subprocess.Popen[str]]:
    """The command at work in ``place``; killed at the end of the block where it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(place), str(port), *script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def until_open(process: subprocess.Popen[str]) -> str:
    """Wait until MLflow answers; returns the address that was printed."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("open http"):
            return line.split()[1]
    raise AssertionError(process.stderr.read() if process.stderr else "")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((ui.HOST, port)) != 0
