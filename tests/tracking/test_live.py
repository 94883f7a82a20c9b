"""Live logging: the training never waits and never fails; every step is there once, whoever was killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from warmstart.tracking.live import LiveTracker
from warmstart.tracking.store import Experiment
from warmstart.tracking.sync_run import sync_run

# A training with a data loader worker that holds the pipe's end open after the training's death.
KILLED_TRAINING = """
import os, pathlib, signal, sys, time
from warmstart.tracking.live import LiveTracker
root, model = map(pathlib.Path, sys.argv[1:])
tracker = LiveTracker(root, "critters")
tracker.started(model)
if os.fork() == 0:
    time.sleep(20)
    os._exit(0)
deadline = time.time() + 60
while tracker.run_id is None and time.time() < deadline:
    time.sleep(0.1)
tracker.on_epoch_end()
os.kill(os.getpid(), signal.SIGKILL)
"""


def steps(run: dict[str, Any], key: str = "val/acc") -> list[int]:
    return [step for step, _, _ in run["metrics"][key]]


def wait_for(condition: Any, seconds: float = 60) -> None:
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, "nothing happened"
        time.sleep(0.1)


def test_a_training_is_logged_while_it_runs(checkout: Any, dump: Any, run_folder: Any) -> None:
    run = run_folder(checkout.root / "state", "scratch")
    tracker = LiveTracker(checkout.root, "critters")
    tracker.started(run.model)
    wait_for(lambda: tracker.run_id)
    run_id = tracker.run_id
    assert dump(checkout.root)[run_id]["status"] == "RUNNING"
    run.epoch(2)
    tracker.on_epoch_end()
    wait_for(lambda: steps(dump(checkout.root)[run_id]) == [1, 2] if dump(checkout.root)[run_id]["metrics"] else False)
    assert "current" not in dump(checkout.root)[run_id]["tags"]
    run.epoch(2)
    tracker.on_epoch_end()
    run.finish()
    assert tracker.ended("finished") == run_id
    (shown,) = dump(checkout.root).values()
    assert shown["status"] == "FINISHED"
    assert steps(shown) == [1, 2, 3, 4]
    assert shown["tags"]["current"] == "true"
    assert shown["times"][1] == 1_700_000_040_000
    assert "training/history.csv" in shown["artifacts"]


def test_a_killed_training_is_marked_and_resumed_in_the_same_run(
    checkout: Any, dump: Any, run_folder: Any, child_environment: dict[str, str]
) -> None:
    run = run_folder(checkout.root / "state", "scratch").epoch(2)
    command = [sys.executable, "-c", KILLED_TRAINING, str(checkout.root), str(run.model)]
    assert subprocess.run(command, env=child_environment, check=False).returncode == -9

    def killed() -> bool:
        return [shown["status"] for shown in dump(checkout.root).values()] == ["KILLED"]

    wait_for(killed, 15)
    (first,) = dump(checkout.root)
    trackers = [LiveTracker(checkout.root, "critters") for _ in "ab"]
    for tracker in trackers:
        tracker.started(run.model)
    for _ in range(4):  # two at once: a resumed training, and one that a person started beside it
        run.epoch()
        for tracker in trackers:
            tracker.on_epoch_end()
    run.finish()
    with ThreadPoolExecutor() as pool:
        ids = list(pool.map(lambda tracker: tracker.ended("finished"), trackers))
    assert ids == [first, first]
    (shown,) = dump(checkout.root).values()
    assert shown["status"] == "FINISHED"
    for key in ("val/acc", "smooth/train/loss", "lr"):
        assert steps(shown, key) == [1, 2, 3, 4, 5, 6], key
    assert steps(shown, "kept/epoch") == [0]


def test_a_failing_store_is_one_warning(checkout: Any, run_folder: Any, caplog: pytest.LogCaptureFixture) -> None:
    (checkout.root / "mlruns" / "mlflow.db").write_text("this is no database, whatever its name says" * 100)
    run = run_folder(checkout.root / "state", "scratch").epoch(1)
    tracker = LiveTracker(checkout.root, "critters")
    tracker.started(run.model)
    process = tracker._process
    assert process is not None
    tracker.on_epoch_end()
    process.wait(90)
    started = time.perf_counter()
    for _ in range(3):
        tracker.on_epoch_end()
    assert time.perf_counter() - started < 1
    assert tracker.ended("failed") is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "publish.py" in caplog.text and "tracking.log" in caplog.text
    assert "no database" in caplog.text


def test_a_python_that_does_not_start_is_one_warning(
    checkout: Any, run_folder: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    run = run_folder(checkout.root / "state", "scratch").epoch(1)
    tracker = LiveTracker(checkout.root, "critters")
    tracker.started(run.model)
    tracker.on_epoch_end()
    assert tracker.ended("finished") is None
    assert len(caplog.records) == 1


def test_pokes_never_block_a_training(
    checkout: Any, tmp_path: Path, run_folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = tmp_path / "python"
    deaf.write_text("#!/bin/sh\nexec sleep 20\n")
    deaf.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(deaf))
    tracker = LiveTracker(checkout.root, "critters")
    tracker.started(run_folder(checkout.root / "state", "scratch").model)
    process = tracker._process
    assert process is not None
    started = time.perf_counter()
    for _ in range(30_000):  # more than a pipe holds
        tracker.on_epoch_end()
    assert time.perf_counter() - started < 5
    process.kill()
    process.wait()


def test_synchronising_at_the_same_time_makes_one_run_with_each_step_once(
    checkout: Any, dump: Any, run_folder: Any
) -> None:
    experiments = [Experiment.open(checkout.root, "critters") for _ in range(4)]
    run = run_folder(checkout.root / "state", "scratch").epoch(3)
    together = threading.Barrier(4)

    def sync(experiment: Experiment) -> str:
        together.wait()
        return sync_run(experiment, run.model, status="RUNNING")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(sync, experiments))) == 1
        run.epoch(3)
        list(pool.map(sync, experiments))
    (shown,) = dump(checkout.root).values()
    assert steps(shown) == [1, 2, 3, 4, 5, 6]


def test_history_that_is_partly_logged_is_completed(checkout: Any, dump: Any, run_folder: Any) -> None:
    experiment = Experiment.open(checkout.root, "critters")
    run = run_folder(checkout.root / "state", "scratch").epoch(2)
    run_id = sync_run(experiment, run.model, status="RUNNING")
    experiment.client.log_metric(
        run_id, "val/acc", 0.42, step=3
    )  # as if a kill had come in the middle of an epoch's batch
    run.epoch(2)
    for _ in range(2):
        assert sync_run(experiment, run.model, status="RUNNING") == run_id
    shown = dump(checkout.root)[run_id]
    assert {key: steps(shown, key) for key in ("val/loss", "lr")} == {"val/loss": [1, 2, 3, 4], "lr": [1, 2, 3, 4]}
    assert sorted(steps(shown)) == [1, 2, 3, 4]


def test_an_orphan_does_not_end_its_successors_run(checkout: Any, dump: Any, run_folder: Any) -> None:
    experiment = Experiment.open(checkout.root, "critters")
    run = run_folder(checkout.root / "state", "scratch").epoch(1)

    def status(tracker: int, word: Any) -> str:
        run_id = sync_run(experiment, run.model, status=word, tracker=tracker)
        return str(experiment.client.get_run(run_id).info.status)

    assert status(1, "RUNNING") == "RUNNING"
    assert status(1, "KILLED") == "KILLED"
    assert status(2, "RUNNING") == "RUNNING"
    assert status(1, "KILLED") == "RUNNING"
    assert status(2, "FAILED") == "FAILED"
