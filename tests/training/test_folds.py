"""With folds, a recipe is trained once per fold: on that fold's images only, and a kill costs no fold that was
finished.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fit_spy import FitSpy, Killed, same_weights
from support import Configure, Folders, extract, load_cached, manifest_rows, read_history
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.models.checkpoint import load_model
from warmstart.training.checkpoints import ResumeCheckpoint
from warmstart.training.observer import NoObserver

FILES = {
    "model.ckpt",
    "history.csv",
    "summary.json",
    "layers.json",
    "layers.txt",
    "first_conv_start.npy",
    "config.yaml",
    "run.json",
}
Train = Callable[..., Path]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return load_model(path).network.state_dict()


def test_a_folder_per_fold_beside_the_first(folded_scratch: Path) -> None:
    assert {path.name for path in folded_scratch.iterdir()} == {*FILES, "folds"}
    assert sorted(
        p.relative_to(folded_scratch / "folds").as_posix() for p in (folded_scratch / "folds").rglob("*") if p.is_file()
    ) == [
        *(f"{fold}/{name}" for fold in (1, 2) for name in ("history.csv", "model.ckpt", "summary.json")),
        "folds.json",
    ]
    assert read_json(folded_scratch / "folds/folds.json") == {"format": 1, "folds": 3}
    summary = read_json(folded_scratch / "summary.json")
    own = [read_json(folded_scratch / f"folds/{fold}/summary.json") for fold in (1, 2)]
    assert [fold.pop("format") for fold in own] == [1, 1]
    assert summary["folds"][1:] == own and [fold["fold"] for fold in summary["folds"]] == [0, 1, 2]
    assert summary["seconds"] == pytest.approx(sum(fold["seconds"] for fold in summary["folds"]))
    assert summary["images_seen"] == sum(fold["epochs"] * fold["n"]["train"] for fold in summary["folds"])
    assert [fold["n"] for fold in summary["folds"]] == [
        {"train": 48, "val": 16},
        {"train": 16, "val": 48},
        {"train": 16, "val": 16},
    ]
    right = sum(round(fold["kept"]["val/acc"] * fold["n"]["val"]) for fold in summary["folds"])
    assert summary["mean"]["kept"]["val/acc"] == pytest.approx(right / 80)
    for fold in own:
        assert len(read_history(folded_scratch / f"folds/{fold['fold']}/history.csv")) == fold["epochs"] == 2


def test_fold_0_is_the_training_without_folds_and_the_others_are_not(scratch: Path, folded_scratch: Path) -> None:
    assert same_weights(folded_scratch / "model.ckpt", scratch / "model.ckpt")
    for fold in (1, 2):
        assert not same_weights(folded_scratch / f"folds/{fold}/model.ckpt", scratch / "model.ckpt")


def test_without_folds_nothing_is_added_but_the_file_that_says_so(scratch: Path) -> None:
    assert {path.name for path in scratch.iterdir()} == {*FILES, "folds"}
    assert [path.name for path in (scratch / "folds").iterdir()] == ["folds.json"]
    assert read_json(scratch / "folds/folds.json") == {"format": 1, "folds": 1}
    assert (
        not {"folds", "mean"} & set(read_json(scratch / "summary.json"))
        and load_model(scratch / "model.ckpt").origin.fold is None
    )


def test_no_network_trains_on_what_it_is_tested_on(
    spy: FitSpy, folded: Folders, train_tiny: Train, tmp_path: Path
) -> None:
    observer = NoObserver()
    train_tiny("scratch", tmp_path / "m", folders=folded, state_root=tmp_path / "s", observer=observer)
    assert [repeat.fold for repeat in spy.repeats] == [0, 1, 2]
    assert [its is observer for its in spy.observers] == [True, False, False]
    every, tested = images_of(ImageStore(folded.images), *SPLITS), []
    for fold, given in enumerate(spy.images):
        test = images_of(ImageStore(folded.images, fold), "test")
        learned = {part: {image.tobytes() for image in given[part]} for part in given}
        assert (
            not learned["train"] & set(test)
            and not learned["val"] & set(test)
            and not learned["train"] & learned["val"]
        )
        assert len(learned["train"]) + len(learned["val"]) + len(test) == len(every)
        tested += test
    assert sorted(tested) == sorted(every) and len(set(every)) == 80


def images_of(store: ImageStore, *splits: str) -> list[bytes]:
    return [image.tobytes() for split in splits for image in store.images(split)]


def test_a_killed_training_goes_on_with_its_fold(
    folded: Folders,
    folded_scratch: Path,
    train_tiny: Train,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = {"folders": folded, "state_root": tmp_path / "s"}
    whole = ResumeCheckpoint.on_train_epoch_end

    def dies_in_fold_1(self: ResumeCheckpoint, *arguments: Any) -> None:
        whole(self, *arguments)
        if self.state_dir.name == "1":
            raise Killed

    monkeypatch.setattr(ResumeCheckpoint, "on_train_epoch_end", dies_in_fold_1)
    with pytest.raises(Killed):
        train_tiny("scratch", tmp_path / "m", **options)
    monkeypatch.setattr(ResumeCheckpoint, "on_train_epoch_end", whole)
    assert not (tmp_path / "m").exists()
    caplog.clear()
    with caplog.at_level(logging.INFO):
        out = train_tiny("scratch", tmp_path / "m", **options)
    told = [line.getMessage() for line in caplog.records]
    assert [line.split(",")[1] for line in told if line.startswith("training scratch")] == [
        " fold 2 of 3",
        " fold 3 of 3",
    ]
    assert [" ".join(line.split()[:6]) for line in told if "epoch" in line and "of 3" in line and " val " in line] == [
        "fold 2 of 3, epoch 2/2",
        "fold 3 of 3, epoch 1/2",
        "fold 3 of 3, epoch 2/2",
    ]
    for name in ("model.ckpt", "folds/1/model.ckpt", "folds/2/model.ckpt"):
        assert same_weights(out / name, folded_scratch / name)
    assert not [path for path in (tmp_path / "s").iterdir() if path.is_dir()]


def test_fine_tuning_a_fold_starts_from_the_network_of_that_fold(
    spy: FitSpy, folded: Folders, train_tiny: Train, tmp_path: Path
) -> None:
    frozen = train_tiny("features_augmented", tmp_path / "frozen", folders=folded, state_root=tmp_path / "s")
    tuned = train_tiny(
        "fine_tune", tmp_path / "tuned", folders=folded, state_root=tmp_path / "s", init_from=frozen / "model.ckpt"
    )
    assert spy.starts == [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]
    assert read_json(tuned / "summary.json")["starts_from"]["checkpoint"] == str(frozen / "model.ckpt")
    (frozen / "folds/2/model.ckpt").write_bytes((frozen / "folds/1/model.ckpt").read_bytes())
    with pytest.raises(UserError, match="not trained on fold 2 of these images"):
        train_tiny(
            "fine_tune", tmp_path / "x", folders=folded, state_root=tmp_path / "s", init_from=frozen / "model.ckpt"
        )
    (frozen / "folds/2/model.ckpt").unlink()
    with pytest.raises(UserError, match=r"folds/2/model.ckpt does not exist.*same fold"):
        train_tiny(
            "fine_tune", tmp_path / "x", folders=folded, state_root=tmp_path / "s", init_from=frozen / "model.ckpt"
        )


def test_cached_features_are_those_of_the_folds_images(
    configure: Configure, folded: Folders, train_tiny: Train, tmp_path: Path
) -> None:
    config = configure("linear_probe")
    extract(config, folded.images, folded.features)
    first = ImageStore(folded.images)
    vectors = {
        row["path"]: v
        for split in SPLITS
        for row, v in zip(manifest_rows(first, split), load_cached(folded.features, config, first, split), strict=True)
    }
    assert len(vectors) == 80
    for fold in (1, 2):
        view = ImageStore(folded.images, fold)
        for split in SPLITS:
            found = load_cached(folded.features, config, view, split)
            assert np.array_equal(found, np.stack([vectors[row["path"]] for row in manifest_rows(view, split)]))
    out = train_tiny("linear_probe", tmp_path / "m", "schedule.epochs=1", folders=folded, state_root=tmp_path / "s")
    assert read_json(out / "folds/folds.json") == {"format": 1, "folds": 3}
