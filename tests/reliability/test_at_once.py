"""Trainings and sweeps that run at the same time disturb one another in nothing; a sweep that was killed goes on."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from reliability.equal import history, stamps
from reliability.findings import SHARE, note
from reliability.nursery import Job
from reliability.stand import DATA, PLAIN, Stand

OPTIONS = [*DATA, "recipe=scratch", *PLAIN]


def seeds(folder: Path) -> list[int]:
    """The seeds of the whole results below a folder."""
    found = [path.parent for path in folder.glob("**/model/summary.json")]
    return sorted(
        yaml.safe_load((path / "config.yaml").read_text())["seed"] for path in found if (path / "model.ckpt").exists()
    )


def start(stand: Stand, root: Path, *words: str) -> Job:
    """Start a training, or with ``-m`` first a sweep, whose state and store are below ``root``."""
    flags = [word for word in words if word.startswith("-")]
    script = ["pipelines/train.py", *flags, *OPTIONS, *(word for word in words if word not in flags)]
    return stand.nursery.start(script, folder=stand.tree, environment={"DVC_ROOT": str(root)})


def runs_of(root: Path) -> list[Any]:
    """The runs in MLflow's store of ``root``."""
    from warmstart.tracking.store import open_store

    client = open_store(root)
    return list(client.search_runs([item.experiment_id for item in client.search_experiments()]))


def untrue_curves(root: Path, folder: Path) -> list[str]:
    """The results below a folder whose figures are not those of their run in MLflow."""
    from warmstart.tracking.store import open_store

    client, runs, found = open_store(root), {run.data.params.get("seed"): run for run in runs_of(root)}, []
    for path in folder.glob("**/model/history.csv"):
        seed = str(yaml.safe_load((path.parent / "config.yaml").read_text())["seed"])
        logged = client.get_metric_history(runs[seed].info.run_id, "val/loss") if seed in runs else []
        if sorted((item.step, item.value) for item in logged) != [
            (int(row["epoch"]), float(row["val/loss"])) for row in history(path)
        ]:
            found.append(f"the curve of seed {seed} is another in MLflow")
    return found


def test_a_sweep_and_two_trainings_at_once_keep_their_results(stand: Stand, tmp_path: Path) -> None:
    for name in ("hand", "sweeps"):
        shutil.rmtree(stand.dataset / name, ignore_errors=True)
    jobs = [
        start(stand, tmp_path, "schedule.epochs=1", *words.split())
        for words in ("-m seed=1", "-m seed=2", "seed=3", "seed=4")
    ]
    assert [job.wait() for job in jobs] == [0] * 4, stand.nursery.said()
    assert (seeds(stand.dataset / "sweeps"), seeds(stand.dataset / "hand")) == ([1, 2], [3, 4])


@pytest.mark.long
def test_eight_trainings_at_once_without_a_store(stand: Stand, tmp_path: Path) -> None:
    """Twice; the store and its experiment are made by whoever comes first."""
    found, rounds = [], 2 if SHARE > 0.5 else 1
    for number in range(rounds):
        shutil.rmtree(stand.dataset / "hand", ignore_errors=True)
        root = tmp_path / str(number)
        root.mkdir()
        jobs = [start(stand, root, "schedule.epochs=3", "tracking=mlflow", f"seed={seed}") for seed in range(8)]
        statuses = [job.wait() for job in jobs]
        found += [f"exit statuses {statuses}"] if any(statuses) else []
        if (there := seeds(stand.dataset / "hand")) != list(range(8)):
            found.append(f"results of the seeds {there}")
        ended = [run.info.status for run in runs_of(root)]
        found += [] if ended == ["FINISHED"] * 8 else [f"MLflow has {ended}"]
        found += untrue_curves(root, stand.dataset / "hand")
    note("10 eight trainings at once without mlruns", found, rounds=rounds, trainings=8 * rounds)
    assert not found, found


@pytest.mark.long
def test_two_sweeps_at_once(stand: Stand, tmp_path: Path) -> None:
    """Twice; every job keeps its result, and has its own parent in MLflow."""
    found = []
    for number in range(2):
        shutil.rmtree(stand.dataset / "sweeps", ignore_errors=True)
        root = tmp_path / str(number)
        root.mkdir()
        jobs = [
            start(stand, root, "-m", "schedule.epochs=2", "tracking=mlflow", f"seed={words}")
            for words in ("1,2", "3,4")
        ]
        statuses = [job.wait() for job in jobs]
        found += [f"exit statuses {statuses}"] if any(statuses) else []
        if (there := seeds(stand.dataset / "sweeps")) != [1, 2, 3, 4]:
            found.append(f"results of the seeds {there}")
        runs = runs_of(root)
        families = sorted(
            sum(run.data.tags.get("mlflow.parentRunId") == parent.info.run_id for run in runs) for parent in runs
        )
        if families != [0, 0, 0, 0, 2, 2] or {run.info.status for run in runs} != {"FINISHED"}:
            found.append(f"MLflow has families of {families}, {[run.info.status for run in runs]}")
    note("11 two sweeps at once", found, sweeps=4, jobs=8)
    assert not found, found


@pytest.mark.long
@pytest.mark.parametrize("name", ["KILL", "TERM", "INT"])
def test_a_killed_sweep_given_again(stand: Stand, tmp_path: Path, name: str) -> None:
    """Killed while its second of three jobs trains: the first is not trained again, and nothing stays RUNNING in
    MLflow.
    """
    sweeps = stand.dataset / "sweeps"
    shutil.rmtree(sweeps, ignore_errors=True)
    words = ("-m", "schedule.epochs=25", "tracking=mlflow", "seed=1,2,3")

    def states() -> list[Path]:
        return [path for path in tmp_path.glob("artifacts/.resume/*/history.csv") if path.exists()]

    job = start(stand, tmp_path, *words)
    end = time.monotonic() + 120
    while not (list(sweeps.glob("*/0/model/summary.json")) and any(1 < len(stamps(path)) < 24 for path in states())):
        assert time.monotonic() < end
        time.sleep(0.02)
    job.send(name)
    status = job.wait()
    (first,) = sweeps.glob("*/0/model/history.csv")
    trained = stamps(first)
    again = start(stand, tmp_path, *words).wait()
    found = [] if again == 0 else [f"given again it ended with {again}"]
    found += (
        []
        if status in {"KILL": (-9,), "TERM": (-15, 143), "INT": (-2, 130)}[name]
        else [f"{name} ended it with {status}"]
    )
    if set(seeds(sweeps)) != {1, 2, 3}:
        found.append(f"results of the seeds {seeds(sweeps)}")
    others = [path for path in sweeps.glob("*/0/model/history.csv") if stamps(path) != trained]
    found += [f"{len(trained)} epochs of a finished job trained again"] if others else []
    time.sleep(5)  # a tracker that has lost its training looks once a second
    ended = [(run.data.tags.get("kind"), run.info.status) for run in runs_of(tmp_path)]
    found += [f"MLflow has {ended}"] if "RUNNING" in {status for _, status in ended} else []
    note(f"11 a sweep ended by {name} and given again", found, sweeps=1)
    assert not found, found
