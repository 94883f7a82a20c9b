"""Whoever is interrupted, ended or hung up says how to go on and exits with 130, 143 or 129: every entry point, at any
moment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from reliability.nursery import Nursery
from signalled import NUMBERS, Ended, forked_hit, python_hit
from support import CHECKOUT

ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "pipelines"), str(CHECKOUT / "src")]),
    "PYTHONUNBUFFERED": "1",
}
STAGE = """
import time
from _app import app

def wait():
    print("at work", flush=True)
    for _ in range(600):  # a signal just before a wait is heard after it, so it must be no long one
        time.sleep(0.1)

def work(config, paths):
    if config.plain["seed"] != 1:
        {work}
    return 0.5

if __name__ == "__main__":
    app("predict", work)
"""
CONVERTED = """
        try:
            wait()
        except BaseException:
            raise ImportError("what a library makes of it")
"""
SWALLOWED = """
        class Freed:
            def __del__(self):
                wait()
        Freed()
        wait()
"""
IMPORTING = """
        import slow  # as a library of C++ that would not survive it
        time.sleep(10)
        print("not to be reached")
"""
POOL = """
import time
from warmstart.runtime.interrupts import listen
from warmstart.runtime.console import exit_on_user_error

def work(block):
    time.sleep(1)

if __name__ == "__main__":
    listen()
    with exit_on_user_error():
        print("at work")
        {pool}
"""
POOLS = {
    "decoding": (
        "from warmstart.ingest.decoding.worker_processes import map_blocks; list(map_blocks(work, "
        "list('abcd') * 99, 1, 2))"
    ),
    "drawing": "from warmstart.ingest.critters.generate import generate; generate(1, range(100_000), 48, 2)",
}


def assert_true(ended: Ended, number: int) -> None:
    assert ended.status == 128 + number, ended.said
    assert ended.said.count("the same command goes on") == 1, ended.said
    assert "Traceback" not in ended.said and "ignored in" not in ended.said, ended.said


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    script = tmp_path / "stage.py"
    script.write_text(STAGE.format(work="wait()"))
    return script


@pytest.mark.parametrize("number", NUMBERS)
def test_a_stage_by_hand(stage: Path, number: int) -> None:
    assert_true(python_hit([str(stage)], [number], at="at work", cwd=stage.parent, environment=ENVIRONMENT), number)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_sweep_ends_whole_and_says_which_jobs_had_ended(forked: Nursery, stage: Path, number: int) -> None:
    words = [str(stage), "-m", f"hydra.sweep.dir={stage.parent}/sweep", "seed=1,2,3"]
    ended = forked_hit(forked, words, number, at="at work", cwd=stage.parent, log=stage.parent / "said.log")
    assert_true(ended, number)
    assert [json.loads(file.read_text())["value"] for file in (stage.parent / "sweep").glob("*/job.json")] == [0.5]
    assert "job 2" not in ended.said and "1 jobs finished" in ended.said and "50.0 %" in ended.said


def test_a_second_signal_changes_nothing(stage: Path) -> None:
    ended = python_hit(
        [str(stage)],
        [signal.SIGTERM, signal.SIGINT, signal.SIGTERM],
        at="at work",
        cwd=stage.parent,
        environment=ENVIRONMENT,
    )
    status = (
        ended.status if ended.status > 0 else 128 - ended.status
    )  # as a shell says of one that came when all was said and done
    assert status in (128 + signal.SIGTERM, 128 + signal.SIGINT), "whichever the system hands over first"
    assert ended.said.count("the same command goes on") == 1 and "Traceback" not in ended.said


def test_nohup_is_respected(stage: Path) -> None:
    numbers, deaf = [signal.SIGHUP, signal.SIGTERM], [signal.SIGHUP]
    ended = python_hit([str(stage)], numbers, at="at work", cwd=stage.parent, environment=ENVIRONMENT, ignored=deaf)
    assert_true(ended, signal.SIGTERM)


@pytest.mark.parametrize(
    ("work", "number"), [(CONVERTED, signal.SIGINT), (SWALLOWED, signal.SIGTERM), (IMPORTING, signal.SIGINT)]
)
def test_no_library_hides_it_or_falls_over_it(stage: Path, number: int, work: str) -> None:
    stage.write_text(STAGE.format(work=work))
    (stage.parent / "slow.py").write_text("import time\nprint('at work')\ntime.sleep(1)\nprint('imported')\n")
    ended = python_hit([str(stage)], [number], at="at work", cwd=stage.parent, environment=ENVIRONMENT)
    assert_true(ended, number)
    assert "imported" not in ended.said


def test_a_sweep_is_not_broken_off_inside_an_import(stage: Path) -> None:
    stage.write_text(STAGE.format(work=IMPORTING))
    (stage.parent / "slow.py").write_text("import time\nprint('at work')\ntime.sleep(1)\nprint('imported')\n")
    words = [str(stage), "-m", f"hydra.sweep.dir={stage.parent}/sweep", "seed=1,2"]
    ended = python_hit(words, [signal.SIGTERM], at="at work", cwd=stage.parent, environment=ENVIRONMENT)
    assert_true(ended, signal.SIGTERM)
    assert "imported" in ended.said and "not to be reached" not in ended.said and "1 jobs finished" in ended.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("module", "words"),
    [("hydra", [str(CHECKOUT / "pipelines/train.py")]), ("argparse", ["-m", "warmstart", "report"])],
)
def test_while_the_process_still_imports(tmp_path: Path, number: int, module: str, words: list[str]) -> None:
    (tmp_path / f"{module}.py").write_text("import time\nprint('importing')\ntime.sleep(60)\n")
    environment = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(CHECKOUT / "src")]), "PYTHONUNBUFFERED": "1"}
    assert_true(python_hit(words, [number], at="importing", cwd=tmp_path, environment=environment), number)


@pytest.mark.parametrize("after", [0.0, 0.3, 1.0])  # while they start, import, work
@pytest.mark.parametrize("pool", POOLS)
def test_helper_processes_are_silent_and_end_with_it(tmp_path: Path, pool: str, after: float) -> None:
    script = tmp_path / "pool.py"
    script.write_text(POOL.format(pool=POOLS[pool]))
    ended = python_hit([str(script)], [signal.SIGINT], at="at work", after=after, cwd=tmp_path, environment=ENVIRONMENT)
    assert_true(ended, signal.SIGINT)


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])  # what DVC starts a stage with is $SHELL, or else sh
def test_under_dvc_the_stage_says_it_and_dvc_fails(stage: Path, dvc_folder: Path, shell: str) -> None:
    """What DVC exits with is its own: 255 for a stage that was interrupted or ended. A shell that stays in between ends
    of the signal itself.
    """
    if not Path(shell).exists():
        pytest.skip(f"there is no {shell}")
    (stage.parent / "dvc.yaml").write_text(f"stages: {{wait: {{cmd: {sys.executable} stage.py, outs: [out]}}}}\n")
    shutil.copytree(dvc_folder, stage.parent, dirs_exist_ok=True)
    environment = {**ENVIRONMENT, "SHELL": shell}
    ended = python_hit(["-m", "dvc", "repro"], [signal.SIGINT], at="at work", cwd=stage.parent, environment=environment)
    assert ended.status not in (0, 130) and "the same command goes on" in ended.said, ended.said
    assert re.search(r"exited with (130|-2)\b", ended.said), ended.said
