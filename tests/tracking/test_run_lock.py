"""MLflow says RUNNING of what is running: runs of killed processes are closed by whoever comes next."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warmstart.tracking.live import LiveTracker
from warmstart.tracking.publish import publish
from warmstart.tracking.run_lock import close_killed_runs
from warmstart.tracking.store import Experiment
from warmstart.tracking.sweeps import end_sweep, start_sweep
from warmstart.tracking.sync_run import sync_run

HOLDING = """
import sys, time
from pathlib import Path
from warmstart.tracking.run_lock import RunLock
held = RunLock(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
time.sleep(60)
"""
SWEEPING = """
import sys, time
from pathlib import Path
from warmstart.tracking.sweeps import start_sweep
print(start_sweep(Path(sys.argv[1]), "critters", Path(sys.argv[2]), ["seed=1,2"]), flush=True)
time.sleep(60)
"""


@contextmanager
def process(code: str, environment: dict[str, str], *words: object) -> Iterator[str]:
    """A process that runs until it is killed at the end of the block; gives what it has printed first."""
    command = [sys.executable, "-c", code, *map(str, words)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            yield running.stdout.readline().strip()
        finally:
            running.kill()


def test_a_run_whose_process_was_killed_is_closed_and_goes_on_as_running(
    checkout: Any, dump: Any, run_folder: Any, child_environment: dict[str, str]
) -> None:
    experiment = Experiment.open(checkout.root, "critters")
    run = run_folder(checkout.root / "artifacts/.resume/x", "scratch").epoch(2)
    own = experiment.client.create_run(experiment.id).info.run_id  # somebody's, about which nothing is known
    run_id = sync_run(experiment, run.model, status="RUNNING")
    with process(HOLDING, child_environment, checkout.root, run.key):
        publish(checkout.root, "critters", checkout.folder)
        assert dump(checkout.root)[run_id]["status"] == "RUNNING"
    publish(checkout.root, "critters", checkout.folder)
    shown = dump(checkout.root)
    assert (shown[run_id]["status"], shown[own]["status"]) == ("KILLED", "RUNNING")
    assert shown[run_id]["times"][1] == 1_700_000_020_000, "when it was last seen"
    assert not list((checkout.root / "mlruns/.running").iterdir())
    tracker = LiveTracker(checkout.root, "critters")
    tracker.started(run.model)
    assert tracker.ended("failed") == run_id
    assert dump(checkout.root)[run_id]["status"] == "FAILED"
    assert not list((checkout.root / "mlruns/.running").iterdir())


def test_a_killed_sweep_is_closed_by_the_next_one(checkout: Any, dump: Any, child_environment: dict[str, str]) -> None:
    first, second = (checkout.folder / "sweeps" / name for name in ("one", "two"))
    with process(SWEEPING, child_environment, checkout.root, first) as killed:
        running = start_sweep(checkout.root, "critters", second, ["seed=1,2"])
        assert running and {dump(checkout.root)[run]["status"] for run in (killed, running)} == {"RUNNING"}
        assert end_sweep(checkout.root, "critters", second, "killed") == running
        assert [dump(checkout.root)[run]["status"] for run in (killed, running)] == ["RUNNING", "KILLED"]
    third = start_sweep(checkout.root, "critters", checkout.folder / "sweeps" / "three", ["seed=1,2"])
    assert third and [dump(checkout.root)[run]["status"] for run in (killed, third)] == ["KILLED", "RUNNING"]
    fresh = checkout.with_empty_store()
    report = publish(fresh.root, "critters", fresh.folder)
    assert dump(fresh.root)[report.runs["sweeps/one"]]["status"] == "KILLED"
    end_sweep(checkout.root, "critters", checkout.folder / "sweeps" / "three", "finished")
    assert close_killed_runs(Experiment.open(checkout.root, "critters")) == []


def test_a_sweep_that_was_interrupted_before_it_began_ends(tmp_path: Path) -> None:
    assert end_sweep(tmp_path, "critters", tmp_path, "killed") is None
