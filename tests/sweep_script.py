"""A sweep of a stage that does nothing but fail or not, by its seed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support import CHECKOUT, python

SCRIPT = """
from pathlib import Path
from _app import app
from warmstart.errors import UserError

def work(config, paths):
    seed = config.plain["seed"]
    if seed == 1:
        raise UserError("the first line\\nand a second")
    if seed == 2:
        raise RuntimeError("a fault in the program")
    if seed == 3:
        raise KeyboardInterrupt
    if seed == 4 and not Path("MARK").exists():
        Path("MARK").touch()
        raise KeyboardInterrupt
    return seed / 10

app("predict", work)
"""


def sweep_words(folder: Path, *words: str) -> list[str]:
    """What Python is given for a sweep over seeds into ``folder/sweep``. Seed 4 is interrupted the first time."""
    script = SCRIPT.replace("MARK", str(folder / "interrupted"))
    if not (folder / "work.py").exists():  # a process that has been started may be reading it
        (folder / "work.py").write_text(script)
    return [str(folder / "work.py"), "-m", f"hydra.sweep.dir={folder}/sweep", *words]


def run_sweep(
    folder: Path, *words: str, python: Callable[..., subprocess.CompletedProcess[str]] = python
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run a sweep over seeds; returns the finished process and what each job left, by its number."""
    path = os.pathsep.join([str(CHECKOUT / "pipelines"), str(CHECKOUT / "src")])
    done = python(*sweep_words(folder, *words), PYTHONPATH=path)
    jobs = {file.parent.name: json.loads(file.read_text()) for file in (folder / "sweep").glob("*/job.json")}
    return done, jobs
