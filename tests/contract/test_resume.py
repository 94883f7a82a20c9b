"""A training that was killed goes on where it stopped, as if nothing had happened, in the same MLflow run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from record_builders import run_identity
from reliability.nursery import Nursery
from support import CHECKOUT, CURVES, TINY, Folders, read_history
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.records.training_state import TrainingInputs
from warmstart.training.observer import NoObserver


class Killed(Exception):
    """The end of a process, for tests in one."""


class DiesAfter(NoObserver):
    """Ends the training when so many epochs are done."""

    def __init__(self, epochs: int) -> None:
        self.left = epochs

    def on_epoch_end(self) -> None:
        self.left -= 1
        if not self.left:
            raise Killed


def figures(folder: Path) -> list[tuple[float, ...]]:
    keys = ["epoch", *CURVES, *(f"smooth/{key}" for key in CURVES)]
    return [tuple(row[key] for key in keys) for row in read_history(folder / "history.csv")]


@pytest.mark.parametrize("recipe", ["scratch_augmented", "fine_tune"])
def test_interrupted_and_resumed_equals_uninterrupted(
    train_tiny: Callable[..., Path], frozen: Path, tmp_path: Path, recipe: str
) -> None:
    init_from = frozen / "model.ckpt" if recipe == "fine_tune" else None
    options = ("schedule.epochs=3", "optimizer.lr=1e-3")
    whole = train_tiny(recipe, tmp_path / "whole", *options, init_from=init_from, state_root=tmp_path / "a")
    with pytest.raises(Killed):
        train_tiny(
            recipe, tmp_path / "parts", *options, init_from=init_from, state_root=tmp_path / "b", observer=DiesAfter(2)
        )
    (state,) = [path for path in (tmp_path / "b").iterdir() if path.is_dir()]
    key = read_json(state / "run.json")["run_key"]
    parts = train_tiny(recipe, tmp_path / "parts", *options, init_from=init_from, state_root=tmp_path / "b")
    assert figures(parts) == figures(whole)
    assert read_json(parts / "run.json")["run_key"] == key
    assert sorted(path.name for path in parts.iterdir()) == sorted(path.name for path in whole.iterdir())
    if recipe == "scratch_augmented":  # the weights before the first epoch, not those gone on from
        assert (parts / "first_conv_start.npy").read_bytes() == (whole / "first_conv_start.npy").read_bytes()
    assert not state.exists()


class DiesEachEpoch(NoObserver):
    """Ends every process of a training after the epoch that it adds."""

    def __init__(self, resumed: bool) -> None:
        self.left = 2 if resumed else 1  # the first call brings the history so far

    def on_epoch_end(self) -> None:
        self.left -= 1
        if not self.left:
            raise Killed


# With so small a rate nothing falls, so patience alone decides; with the other the loss goes up and down.
@pytest.mark.parametrize(("patience", "rate"), [(1, "1e-12"), pytest.param(2, "3e-3", marks=pytest.mark.long)])
def test_early_stopping_stops_where_it_would_have_stopped(
    train_tiny: Callable[..., Path], tmp_path: Path, patience: int, rate: str
) -> None:
    def train(name: str, observer: NoObserver | None = None) -> Path:
        options = (
            "schedule.epochs=12",
            f"schedule.patience={patience}",
            f"optimizer.lr={rate}",
            "schedule.batch_size=16",
        )
        return train_tiny(
            "scratch_batchnorm", tmp_path / name, *options, state_root=tmp_path / f"state_{name}", observer=observer
        )

    whole = train("whole")
    epochs = len(read_history(whole / "history.csv"))
    assert patience < epochs < 12, "chosen so that it stops early"

    def same(folder: Path) -> bool:
        ours, theirs = (torch.load(path / "model.ckpt", weights_only=True) for path in (folder, whole))
        equal = all(torch.equal(ours["state_dict"][key], value) for key, value in theirs["state_dict"].items())
        return equal and figures(folder) == figures(whole)

    for died in range(1, epochs + 1):
        with pytest.raises(Killed):
            train(f"died_{died}", DiesAfter(died))
        assert same(train(f"died_{died}")), died
    for attempt in range(epochs):
        with pytest.raises(Killed):
            train("each", DiesEachEpoch(resumed=attempt > 0))
    assert same(train("each"))


def test_another_configuration_starts_afresh(train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train_tiny("scratch", tmp_path / "x", "schedule.epochs=3", state_root=tmp_path / "s", observer=DiesAfter(1))
    out = train_tiny("scratch", tmp_path / "x", "schedule.epochs=1", "optimizer.lr=1e-2", state_root=tmp_path / "s")
    assert len(read_history(out / "history.csv")) == 1


def test_two_processes_do_not_train_the_same(tmp_path: Path) -> None:
    from warmstart.training.resume import resume_state

    given = (tmp_path, TrainingInputs({}, {}, {}), run_identity(kind="hand"), {}, tmp_path)
    with resume_state(*given), pytest.raises(UserError, match="another process"), resume_state(*given):
        pass


def test_kill_9_then_the_same_command_logs_each_step_once_in_one_run(
    forked: Nursery, tiny: Folders, tmp_path: Path
) -> None:
    """A real process, really killed, with MLflow watching."""
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tiny.root, tmp_path / "artifacts/critters", ignore=shutil.ignore_patterns("recipes", ".resume"))
    options = ("recipe=scratch", "schedule.epochs=12", "schedule.batch_size=8", "out_dir=out")
    command = ["pipelines/train.py", *TINY, *options]
    job = forked.start(command, folder=tmp_path, fresh=True)
    deadline = time.monotonic() + 120
    while (
        not (found := list((tmp_path / "artifacts/.resume").glob("*/history.csv"))) or len(read_history(found[0])) < 3
    ):
        assert time.monotonic() < deadline, "no epoch finished"
        time.sleep(0.05)
    job.send("KILL")
    assert job.wait() == -9, "the training ended before it was killed"
    while not (found[0].parent / "mlflow_run_id").exists():  # or the run is only made by the command given again
        assert time.monotonic() < deadline, "MLflow has no run of the killed training"
        time.sleep(0.05)
    before = read_history(found[0])
    done = forked.python(*command, cwd=tmp_path, fresh=True)
    assert done.returncode == 0, done.stderr
    assert "going on from" in done.stderr
    rows = read_history(tmp_path / "out/history.csv")
    assert [row["epoch"] for row in rows] == list(range(1, 13))
    assert rows[: len(before)] == before
    from warmstart.tracking.store import open_store

    client = open_store(tmp_path)
    (experiment,) = [e for e in client.search_experiments() if e.name == "critters"]
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    for key in CURVES:
        assert [m.step for m in sorted(client.get_metric_history(run.info.run_id, key), key=lambda m: m.step)] == list(
            range(1, 13)
        )
