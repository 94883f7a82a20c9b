"""A state that is damaged is never the end of a training: what is damaged is trained anew, and the result is that of a
whole one.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from support import COLUMNS, Folders, read_history
from warmstart.files.plain import read_json
from warmstart.training import fold as fold_module
from warmstart.training.checkpoints import ResumeCheckpoint
from warmstart.training.state_folders import forget_finished
from warmstart.training.train_recipe import RunSource

Train = Callable[..., Path]
NARROW = ("network.widths=[4,4]", "network.dense=4", "schedule.epochs=3", "schedule.batch_size=24", "optimizer.lr=1e-3")


class Killed(Exception):
    """The end of a process, for tests in one."""


def outcome(folder: Path) -> list[Any]:
    """All that a training leaves but times."""
    keys = [key for key in COLUMNS if key not in ("time", "time/epoch_s", "time/images_per_s")]
    found: list[Any] = [sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))]
    for path in sorted(folder.rglob("history.csv")):
        found.append([[row[key] for key in keys] for row in read_history(path)])
    for path in sorted(folder.rglob("model.ckpt")):
        found.append({key: value.tolist() for key, value in torch.load(path, weights_only=True)["state_dict"].items()})
    return [*found, (folder / "batch_norm.csv").read_text()]


@pytest.fixture(scope="module")
def killed(train_tiny: Train, folded: Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training in folds that was killed after the second epoch of fold 1, and, as ``whole``, its result without."""
    root, done, left = tmp_path_factory.mktemp("killed"), ResumeCheckpoint.on_train_epoch_end, [5]

    def dies(self: ResumeCheckpoint, *arguments: Any) -> None:
        done(self, *arguments)
        left[0] -= 1
        if not left[0]:
            raise Killed

    train_tiny("scratch_batchnorm", root / "whole", *NARROW, folders=folded, state_root=root / "none")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(ResumeCheckpoint, "on_train_epoch_end", dies)
        train_tiny("scratch_batchnorm", root / "parts", *NARROW, folders=folded, state_root=root / "states")
    return root


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_network(path: Path) -> None:
    stored = torch.load(path, weights_only=True)
    key = next(iter(stored["state_dict"]))
    torch.save(stored | {"state_dict": stored["state_dict"] | {key: torch.zeros(1)}}, path)


def changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("folds/1/last.ckpt", cut),
        pytest.param("folds/1/last.ckpt", empty, marks=pytest.mark.long),
        pytest.param("folds/1/last.ckpt", Path.unlink, marks=pytest.mark.long),
        pytest.param("folds/1/last.ckpt", other_network, marks=pytest.mark.long),
        ("folds/1/best-*.ckpt", Path.unlink),
        pytest.param("folds/1/best-*.ckpt", cut, marks=pytest.mark.long),
        ("fold.json", cut),
        pytest.param("fold.json", empty, marks=pytest.mark.long),
        pytest.param("best-*.ckpt", Path.unlink, marks=pytest.mark.long),
        ("best-*.ckpt", changed),
        ("batch_norm.csv", Path.unlink),
        ("run.json", cut),
        pytest.param("config.yaml", Path.unlink, marks=pytest.mark.long),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_is_damaged_is_trained_anew(
    killed: Path,
    train_tiny: Train,
    folded: Folders,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    damage: Callable[[Path], None],
) -> None:
    shutil.copytree(killed / "states", tmp_path / "states")
    (state,) = [path for path in (tmp_path / "states").iterdir() if path.is_dir()]
    (path,) = state.glob(name)
    damage(path)
    with caplog.at_level(logging.WARNING):
        out = train_tiny("scratch_batchnorm", tmp_path / "out", *NARROW, folders=folded, state_root=tmp_path / "states")
    assert outcome(out) == outcome(killed / "whole")
    assert len([record for record in caplog.records if "anew" in record.getMessage()]) == (name != "config.yaml")


def test_a_finished_training_is_written_out_again_without_an_epoch(
    train_tiny: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever had become of its folder: lost before it was written, written and removed, or written and left."""

    def again(**of_run: Any) -> Path:
        source = RunSource(kind="dvc", **of_run)
        return train_tiny(
            "scratch_batchnorm", tmp_path / "model", *NARROW, state_root=tmp_path / "states", source=source
        )

    def lost(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warmstart.training.train_recipe.write_model_folder", lost)
        with pytest.raises(Killed):
            again(git_commit="first")
    fit = fold_module.fit
    monkeypatch.setattr(fold_module, "fit", None)
    first = outcome(again())
    key = read_json(tmp_path / "model/run.json")["run_key"]
    assert outcome(again()) == first
    shutil.rmtree(tmp_path / "model")
    assert outcome(again(git_commit="second")) == first
    assert {"run_key": key, "git_commit": "second"}.items() <= read_json(tmp_path / "model/run.json").items()
    forget_finished(tmp_path / "states", "dvc", dataset="critters", recipe="scratch_batchnorm")
    monkeypatch.setattr(fold_module, "fit", fit)
    assert outcome(again()) == first
    assert read_json(tmp_path / "model/run.json")["run_key"] != key


def test_checkpoints_do_not_pass_through_the_systems_temporary_folder(
    train_tiny: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    train_tiny("scratch_batchnorm", tmp_path / "model", *NARROW, state_root=tmp_path / "states")
