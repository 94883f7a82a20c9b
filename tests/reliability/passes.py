"""`dvc repro` and `warmstart run` in a checkout of their own, ended at random and given again until all is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from repro_checkout import Checkout

TABLE = "artifacts/critters/report/table.json"


class Work:
    """A command at work in a checkout, at the head of a process group. log: where it writes."""

    def __init__(self, checkout: Checkout, words: Sequence[str], source: bool = False) -> None:
        self.checkout, self.log = checkout, checkout.root / "work.log"
        environment = {**checkout.environment, "OMP_NUM_THREADS": "1"}
        if source:
            environment["PYTHONPATH"] = os.pathsep.join([str(checkout.root / "src"), environment["PYTHONPATH"]])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                words, cwd=checkout.root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )  # fmt: skip
        self.started = time.monotonic()

    def send(self, name: str, whole_group: bool) -> float:
        """Send a signal and wait; returns the seconds until it has stopped."""
        begin, number = time.monotonic(), getattr(signal, f"SIG{name}")
        os.killpg(self.process.pid, number) if whole_group else self.process.send_signal(number)
        self.process.wait(120)
        return time.monotonic() - begin

    def ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def dvc(checkout: Checkout, *words: str) -> Work:
    return Work(checkout, [sys.executable, "-m", "dvc", *words])


def warmstart(checkout: Checkout, *words: str) -> Work:
    return Work(checkout, [sys.executable, "-m", "warmstart", *words], source=True)


def wait_for_quiet(root: Path, seconds: float = 120.0) -> None:
    """Wait until no process works in the checkout: what a killed command has started may live on."""
    end = time.monotonic() + seconds
    while at_work(root):
        assert time.monotonic() < end, f"processes still at work in {root}: {at_work(root)}"
        time.sleep(0.1)


def at_work(root: Path) -> list[int]:
    """The processes whose working folder is in the checkout."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink().is_relative_to(root) and (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def damaged(root: Path) -> bool:
    """Whether dvc.lock is there and is no lock."""
    try:
        return not isinstance(
            yaml.load((root / "dvc.lock").read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), dict
        )
    except FileNotFoundError:
        return False
    except (yaml.YAMLError, UnicodeDecodeError):
        return True
