"""Killed and given again, a training ends as if nothing had happened: with every recipe, every option file and every
way to load.

The options are those in ``conf/``, so that a new one is covered by being there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from covering import Row, covering_rows
from folded import write_folded
from ingest_options import prepare
from support import CHECKOUT, COLUMNS, compose_config, extract, read_history, training_parts, typed_config
from warmstart.config.views import CACHE_PHASES, on_backbone
from warmstart.records.steps import StepRow
from warmstart.training.checkpoints import ResumeCheckpoint
from warmstart.training.train_recipe import train

NOT_TRAINING = {
    "data",
    "evaluate",
    "interpret",
    "sweep",
    "tracking",
}  # groups that other stages read, or that name what is read
DATA = ("data=critters", "data.size=48", "backbone.size=data", "data.train=9", "data.val=4", "data.test=4")
BATCH, STEPS, NARROW = 4, 2, 8
CONVNETS = {"scratch_batchnorm", "convnet", "convnet_no_pooling", "dense"}  # recipes about the lesson's convnet
LARGE = {"vgg16", "resnet50", "efficientnet_lite1", "efficientnet_lite2"}  # backbones for the long test only
SMALL = {"timm": "mobilenetv3_small_050", "torchvision": "shufflenet_v2_x0_5"}  # networks of a library
CONF = CHECKOUT / "conf"
TIMES = ("time", "time/epoch_s", "time/images_per_s")


class Killed(Exception):
    """The end of a process, for tests in one."""


def option_files() -> dict[str, list[str]]:
    """The option files of every group that may concern a training."""
    groups = sorted(path.name for path in CONF.iterdir() if path.is_dir() and path.name not in NOT_TRAINING)
    return {group: sorted(path.stem for path in (CONF / group).glob("*.yaml")) for group in groups}


AXES = {
    **option_files(),
    "trainer": ["cpu"],  # the contract is for bits on CPUs
    "network": ["convnet", "timm", "torchvision"],  # own is a class that a person names
    "schedule.patience": ["null", "1", "2", "8"],
    "trainer.workers": ["0", "1", "2", "4"],
    "schedule.steps_per_epoch": ["null", "2"],
    "loss.mixup": ["0", "0.2"],
    "loss.label_smoothing": ["0", "0.1"],
    "trainer.accumulate_grad_batches": ["1", "2"],
    "data.folds": ["1", "3"],
    "select_by": ["null", "auroc", "brier"],
}
SHORT = AXES | {
    "backbone": [name for name in AXES["backbone"] if name not in LARGE],
    "trainer.workers": ["0", "1", "2"],
}
RECIPES = {name: yaml.safe_load((CONF / "recipe" / f"{name}.yaml").read_text())["recipe"] for name in AXES["recipe"]}


def matters(row: Row, axis: str) -> bool:
    """Whether a training of this row reads what the axis sets."""
    recipe = RECIPES[row["recipe"]]
    if axis == "backbone":
        return on_backbone(recipe["phase"])
    if axis == "network":
        return not on_backbone(recipe["phase"])
    if axis in ("augment", "trainer.workers"):
        return recipe["phase"] not in CACHE_PHASES
    return True


PLAIN = {"scheduler": "none", "param_groups": "one", "callbacks": "none", "trainer.accumulate_grad_batches": "1"}


def possible(row: Row) -> bool:
    """L-BFGS evaluates a step up to twenty times, which is slow where images pass through a network. It takes no
    scheduler and no groups, and its one batch, like that of a short run, leaves nothing to accumulate. Recipes that are
    about the convnet fit no other network.
    """
    if row["network"] != "convnet" and row["recipe"] in CONVNETS:
        return False  # their arguments are the convnet's
    one_batch = row["optimizer"] == "lbfgs" or row["debug"] != "none"
    accumulates = (row["callbacks"] == "accumulate") + (row["trainer.accumulate_grad_batches"] != "1")
    if accumulates > (0 if one_batch else 1):
        return False
    if row["optimizer"] != "lbfgs":
        return True
    plain = all(row[axis] == PLAIN[axis] for axis in ("scheduler", "param_groups"))
    return plain and RECIPES[row["recipe"]]["phase"] in CACHE_PHASES


def cost(row: Row) -> float:
    """What a row takes, roughly."""
    phase = RECIPES[row["recipe"]]["phase"]
    network = 5 if on_backbone(phase) else 3 if row["network"] != "convnet" else 1
    return float(row["data.folds"]) * network + float(row["trainer.workers"])


def configuration(row: Row, epochs: int = 2) -> dict[str, Any]:
    """What the row composes to, cut down to a few steps of narrow layers, on random weights of a backbone whose own are
    not at hand.
    """
    config = compose_config(
        *DATA, *(f"{axis}={value}" for axis, value in row.items() if axis != "data.folds"), "trainer.precision=32-true"
    )
    schedule, network, head = config["schedule"], config["network"], config["head"]
    schedule["epochs"] = epochs
    batch = BATCH if row["data.folds"] == "1" else BATCH // 2  # two batches of a fold, whose gradients can be gathered
    schedule["batch_size"] = min(schedule["batch_size"] or batch, batch)
    schedule["steps_per_epoch"] = schedule["steps_per_epoch"] and min(schedule["steps_per_epoch"], STEPS)
    if "name" in network:
        network["name"] = SMALL[row["network"]]
    if "widths" in network:
        network |= {"widths": [min(width, NARROW) for width in network["widths"]], "dense": NARROW}
    head["dense"] = head["dense"] and NARROW
    if config["backbone"]["weights"] == "published":
        config["backbone"]["weights"] = "none"
    return config


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The prepared images by the number of folds."""
    whole = tmp_path_factory.mktemp("whole") / "images"
    prepare(compose_config(*DATA, "data.workers=1")["data"], whole)
    return {"1": whole, "3": write_folded(whole, tmp_path_factory.mktemp("folds") / "images", 3)}


class Trains:
    """Trains rows; what they start from, features or a checkpoint, is made once."""

    def __init__(self, root: Path, images: dict[str, Path]) -> None:
        self.root, self.images, self.number = root, images, 0

    def __call__(self, row: Row, out: Path, state: Path, config: dict[str, Any] | None = None) -> Path:
        config = config or configuration(row)
        init_from = self._start(row) / "model.ckpt" if config["recipe"]["phase"] == "fine_tune" else None
        features = self._features(row, config) if config["recipe"]["phase"] in CACHE_PHASES else out
        train(
            typed_config("train", config),
            training_parts(config),
            images_dir=self.images[row["data.folds"]],
            features_dir=features,
            out_dir=out,
            state_root=state,
            init_from=init_from,
        )
        return out

    def _features(self, row: Row, config: dict[str, Any]) -> Path:
        kind = (config["backbone"]["name"], config["backbone"]["normalize"], config["head"]["pool"], row["data.folds"])
        folder = self.root / "-".join(["features", *kind])
        if not folder.exists():
            extract(config, self.images[row["data.folds"]], folder)
        return folder

    def _start(self, row: Row) -> Path:
        folder = self.root / "-".join(["start", row["backbone"], row["experiment"], row["data.folds"]])
        if not folder.exists():
            plain = {axis: values[0] for axis, values in AXES.items()} | {
                "recipe": "features_augmented",
                "optimizer": "sgd",
                "debug": "none",
                **PLAIN,
            }
            start = plain | {axis: row[axis] for axis in ("backbone", "experiment", "data.folds")}
            config = configuration(start)
            config["schedule"] |= {"epochs": 1, "steps_per_epoch": 1}
            self(start, folder, self.root / "states", config)
        return folder


@pytest.fixture(scope="module")
def trains(tmp_path_factory: pytest.TempPathFactory, images: dict[str, Path]) -> Trains:
    return Trains(tmp_path_factory.mktemp("trained"), images)


def checkpoints(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.rglob("model.ckpt")):
        yield path.relative_to(folder).as_posix(), torch.load(path, weights_only=True)


def histories(folder: Path) -> dict[str, list[list[float]]]:
    """All columns but those of time, of every fold."""
    keys = [key for key in COLUMNS if key not in TIMES]
    return {
        path.relative_to(folder).as_posix(): [[row[key] for key in keys] for row in read_history(path)]
        for path in folder.rglob("history.csv")
    }


def steps(folder: Path) -> list[tuple[int, int, float]]:
    """The learning rate of every step, where steps are recorded."""
    path = folder / "steps.csv"
    return [(row.step, row.epoch, row.lr) for row in StepRow.read_rows(path)] if path.exists() else []


def check_equal(parts: Path, whole: Path) -> None:
    """Every figure but times, and every bit of what was learned."""
    assert histories(parts) == histories(whole)
    for (name, ours), (other, theirs) in zip(checkpoints(parts), checkpoints(whole), strict=True):
        tensors = [[one.pop("state_dict"), one.pop("as_trained", {})] for one in (ours, theirs)]
        assert (name, ours) == (other, theirs)
        for mine, its in zip(*tensors, strict=True):
            assert mine.keys() == its.keys() and all(torch.equal(mine[key], value) for key, value in its.items()), name
    assert steps(parts) == steps(whole)
    for name in ("batch_norm.csv", "first_conv_start.npy", "layers.json"):
        assert (parts / name).exists() == (whole / name).exists(), name
        assert not (parts / name).exists() or (parts / name).read_bytes() == (whole / name).read_bytes(), name


def dies_after(monkeypatch: pytest.MonkeyPatch, epochs: int) -> None:
    """End the training when so many epochs, of all folds together, are saved."""
    done, left = ResumeCheckpoint.on_train_epoch_end, [epochs]

    def one(self: ResumeCheckpoint, *arguments: Any) -> None:
        done(self, *arguments)
        left[0] -= 1
        if not left[0]:
            raise Killed

    monkeypatch.setattr(ResumeCheckpoint, "on_train_epoch_end", one)


def check_row(row: Row, number: int, epochs: int, trains: Trains, tmp_path: Path) -> None:
    config = configuration(row, epochs)
    whole = trains(row, tmp_path / "whole", tmp_path / "a", config)
    done = sum(len(rows) for rows in histories(whole).values())
    with pytest.MonkeyPatch.context() as patch:
        dies_after(patch, 1 + number % done)
        with pytest.raises(Killed):
            trains(row, tmp_path / "parts", tmp_path / "b", config)
    check_equal(trains(row, tmp_path / "parts", tmp_path / "b", config), whole)


ONCE = covering_rows(SHORT, 1, matters, possible, cost)


def test_every_option_is_covered() -> None:
    for axis, values in SHORT.items():
        assert {row[axis] for row in ONCE if matters(row, axis)} == set(values), axis


@pytest.mark.parametrize("number", range(len(ONCE)), ids=lambda number: ONCE[number]["recipe"])
def test_killed_and_given_again_equals_uninterrupted(number: int, trains: Trains, tmp_path: Path) -> None:
    check_row(ONCE[number], number, 2, trains, tmp_path)


@pytest.mark.long
def test_every_pair_of_options(trains: Trains, tmp_path: Path) -> None:
    differ = []
    for number, row in enumerate(covering_rows(AXES, 2, matters, possible, cost)):
        try:
            check_row(row, number, 4, trains, tmp_path / str(number))
        except AssertionError as error:
            differ.append((row, str(error)))
        shutil.rmtree(tmp_path / str(number))
    assert not differ


def test_loader_processes_draw_what_they_would_have_drawn(trains: Trains, tmp_path: Path) -> None:
    row = {axis: values[0] for axis, values in AXES.items()} | {
        "recipe": "scratch_augmented",
        "optimizer": "sgd",
        "debug": "none",
        **PLAIN,
    }
    whole = trains(row | {"trainer.workers": "0"}, tmp_path / "whole", tmp_path / "a")
    for workers in ("1", "2", "4"):
        with pytest.MonkeyPatch.context() as patch:
            dies_after(patch, 1)
            with pytest.raises(Killed):
                trains(row | {"trainer.workers": workers}, tmp_path / "parts", tmp_path / "b")
        check_equal(trains(row | {"trainer.workers": workers}, tmp_path / "parts", tmp_path / "b"), whole)


def test_rows_cover_what_they_say() -> None:
    axes = {"a": list("xyz"), "b": list("12"), "c": list("+-")}
    rows = covering_rows(axes, 2, lambda row, axis: axis != "c" or row["a"] == "x")
    assert {(row["a"], row["b"]) for row in rows} == {(a, b) for a in "xyz" for b in "12"}
    assert {(row["b"], row["c"]) for row in rows if row["a"] == "x"} == {(b, c) for b in "12" for c in "+-"}
    assert len(np.unique([str(row) for row in rows])) == len(rows) <= 8
