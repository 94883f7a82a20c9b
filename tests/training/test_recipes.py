"""Recipes train end to end in one process, on two classes and on more."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from photos import save_photo
from support import Configure, Folders, extract, load_cached, training_parts, typed_config
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.errors import UserError
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.files.plain import read_json
from warmstart.models.checkpoint import load_model
from warmstart.records.batch_norm import BatchNormRow
from warmstart.training.batch_norm_monitor import BATCH_NORM_FILE


@pytest.fixture(scope="module")
def features(configure: Configure, tiny: Folders) -> Path:
    extract(configure("features"), tiny.images, tiny.features)
    return tiny.features


@pytest.mark.parametrize("recipe", ["linear_probe", "features"])
def test_recipes_on_cached_features_keep_a_network_that_takes_images(
    features: Path, train_tiny: Callable[..., Path], tiny: Folders, configure: Configure, tmp_path: Path, recipe: str
) -> None:
    out = train_tiny(recipe, tmp_path / "model")
    summary = read_json(out / "summary.json")
    metrics = evaluate(
        to_typed(EvaluateConfig, configure(recipe)), model_dir=out, images_dir=tiny.images, out_dir=tmp_path / "e"
    )
    assert metrics.val.accuracy.value == pytest.approx(summary["kept"]["val/acc"])
    assert summary["parameters"]["trainable"] < summary["parameters"]["total"]


def test_the_linear_probe_is_logistic_regression(
    features: Path, train_tiny: Callable[..., Path], tiny: Folders, configure: Configure, tmp_path: Path
) -> None:
    from sklearn.linear_model import LogisticRegression

    from warmstart.dataset.image_store import ImageStore

    out = train_tiny("linear_probe", tmp_path / "model", "schedule.epochs=8", "loss.ridge=100")
    head = load_model(out / "model.ckpt").network.head.logits  # type: ignore[union-attr]
    store = ImageStore(tiny.images)
    labels = store.labels("train")
    train, val = (
        np.asarray(load_cached(features, configure("linear_probe"), store, split)) for split in ("train", "val")
    )
    theirs = LogisticRegression(C=0.01, max_iter=2000, tol=1e-8).fit(train, labels)
    # So strong a penalty is fitted within the first epoch, whichever is kept.
    with torch.no_grad():
        ours = torch.sigmoid(head(torch.from_numpy(val)))[:, 0].numpy()
    assert abs(ours - theirs.predict_proba(val)[:, 1]).max() < 0.01


def test_full_batch_newton_takes_convolutions_too(train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    out = train_tiny(
        "scratch", tmp_path / "m", "optimizer=lbfgs", "schedule.epochs=1", "network.widths=[4]", "network.dense=4"
    )
    assert math.isfinite(read_json(out / "summary.json")["kept"]["train/loss"])


def test_features_of_other_images_are_refused(features: Path, train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="feature_extract"):
        train_tiny("features", tmp_path / "m", "backbone.normalize=lesson")


def test_fine_tuning_records_what_it_starts_from(train_tiny: Callable[..., Path], frozen: Path, tmp_path: Path) -> None:
    out = train_tiny("fine_tune", tmp_path / "m", "schedule.epochs=1", init_from=frozen / "model.ckpt")
    start = read_json(out / "summary.json")["starts_from"]
    assert start["recipe"] == "features_augmented"
    assert start["checkpoint"].endswith("features_augmented/model/model.ckpt")
    with pytest.raises(UserError, match=r"dvc repro train@features_augmented"):
        train_tiny("fine_tune", tmp_path / "n", init_from=tmp_path / "nothing.ckpt")


def test_a_fine_tuned_convnet_is_refused(train_tiny: Callable[..., Path], scratch: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="without a backbone"):
        train_tiny("fine_tune", tmp_path / "m", init_from=scratch / "model.ckpt")


def test_three_classes_from_a_folder(configure: Configure, tmp_path: Path) -> None:
    from ingest_options import prepare
    from support import compose_config
    from warmstart.training.train_recipe import train

    for label, name in enumerate("abc"):
        for index in range(10):
            save_photo(tmp_path / "photos" / name / f"{index}.jpg", 100 * label + index)
    config = compose_config(
        "data=image_folder", f"data.folder={tmp_path / 'photos'}", "data.size=48", "recipe=scratch", "schedule.epochs=1"
    )
    prepare(config["data"], tmp_path / "images")
    train(
        typed_config("train", config),
        training_parts(config),
        images_dir=tmp_path / "images",
        features_dir=tmp_path,
        out_dir=tmp_path / "model",
        state_root=tmp_path / ".resume",
    )
    metrics = evaluate(
        to_typed(EvaluateConfig, config),
        model_dir=tmp_path / "model",
        images_dir=tmp_path / "images",
        out_dir=tmp_path / "e",
    )
    assert load_model(tmp_path / "model/model.ckpt").classes == ["a", "b", "c"]
    assert len(metrics.test.confusion) == 3
    assert metrics.threshold is None


@pytest.mark.parametrize("batch_size", [2, 16])  # more batches an epoch than the estimate needs, and fewer
def test_the_time_it_will_take_is_said_once(
    train_tiny: Callable[..., Path], tmp_path: Path, caplog: pytest.LogCaptureFixture, batch_size: int
) -> None:
    with caplog.at_level("INFO", logger="warmstart"):
        train_tiny("scratch", tmp_path / "m", f"schedule.batch_size={batch_size}")
    assert len([line for line in caplog.messages if line.startswith("expect about") and "2 epochs" in line]) == 1


def test_batch_norm_learns_from_images_that_leave_a_remainder_of_one(
    train_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    options = ("debug.overfit=9", "schedule.batch_size=8", "schedule.epochs=1")
    out = train_tiny("scratch_batchnorm", tmp_path / "nine", *options, state_root=tmp_path / "state")
    assert all(math.isfinite(row.var_log_ratio) for row in BatchNormRow.read_rows(out / BATCH_NORM_FILE))


def test_a_ridge_penalty_shrinks_the_output_layer_of_any_network(
    train_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    def norm(l2: float) -> float:
        words = ("optimizer=sgd", "optimizer.lr=0.05", f"loss.ridge={l2}", "schedule.epochs=1")
        out = train_tiny("scratch", tmp_path / str(l2), *words, state_root=tmp_path / "state")
        return float(load_model(out / "model.ckpt").network.output_layer.weight.detach().norm())

    assert norm(100.0) < 0.9 * norm(0.0)
