"""The linear probe's penalty: the one of the grid with the lowest validation loss, recorded, and the same on resuming."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from support import Configure, Folders, extract
from warmstart.dataset.datamodule import Arrays
from warmstart.files.plain import read_json
from warmstart.records.training_summary import TrainingSummary
from warmstart.tracking.final_metrics import training_metrics
from warmstart.training.ridge import choose_ridge

GRID = [0.01, 1.0, 30.0, 1000.0]


def vectors(n: int, classes: int, seed: int) -> Arrays:
    """Noisy vectors around a centre for each class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    centres = np.random.default_rng(0).normal(size=(classes, 20))
    return (0.6 * centres[labels] + rng.normal(size=(n, 20))).astype(np.float32), labels


@pytest.mark.parametrize("classes", [2, 3])
def test_it_has_the_lowest_validation_loss(classes: int) -> None:
    train, val = vectors(60, classes, 1), vectors(80, classes, 2)
    losses = {}
    for ridge in GRID:
        model = LogisticRegression(C=1 / ridge, max_iter=5000, tol=1e-8).fit(*train)
        losses[ridge] = log_loss(val[1], model.predict_proba(val[0]))
    assert choose_ridge(GRID, train, val, classes) == min(losses, key=lambda ridge: losses[ridge])


def test_classes_may_count_the_same() -> None:
    (inputs, labels), val = vectors(400, 2, 3), vectors(400, 2, 4)
    rare = np.flatnonzero((labels == 0) | (np.arange(400) % 20 == 0))
    assert choose_ridge(GRID, (inputs[rare], labels[rare]), val, 2, balanced=True) in GRID


def test_where_there_is_nothing_to_choose_by_it_is_the_largest() -> None:
    train, val = vectors(20, 2, 5), vectors(20, 2, 6)
    assert choose_ridge(GRID, (train[0], np.zeros(20, dtype=np.int64)), val, 2) == max(GRID)
    assert choose_ridge(GRID, (train[0] * np.nan, train[1]), val, 2) == max(GRID)
    assert choose_ridge([3.0], train, val, 2) == 3.0


def test_it_is_recorded_and_a_number_is_taken_as_it_is(
    tiny: Folders, configure: Configure, train_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    extract(configure("linear_probe"), tiny.images, tmp_path / "feature_cache")
    folders = Folders(tmp_path)
    (tmp_path / "images").symlink_to(tiny.images)
    chosen = TrainingSummary.read(train_tiny("linear_probe", tmp_path / "chosen", folders=folders) / "summary.json")
    assert chosen.ridge in configure("linear_probe")["loss"]["ridge_grid"]
    assert training_metrics(chosen)["kept/ridge"] == chosen.ridge
    by_hand = train_tiny("linear_probe", tmp_path / "given", f"loss.ridge={chosen.ridge}", folders=folders)
    given = read_json(by_hand / "summary.json")
    assert "ridge" not in given
    assert "kept/ridge" not in training_metrics(TrainingSummary.read(by_hand / "summary.json"))
    # The same network, to the last bit.
    assert given["kept"]["val/loss"] == json.loads((tmp_path / "chosen/summary.json").read_text())["kept"]["val/loss"]
