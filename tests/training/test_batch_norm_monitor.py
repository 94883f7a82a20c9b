"""Batch norm watched: the figures are what they say, watching changes nothing, and a resume goes on with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

import warmstart.training.fit as fitting
from support import CURVES, Folders, read_history
from warmstart.models.checkpoint import read_checkpoint
from warmstart.records.batch_norm import BatchNormRow
from warmstart.training.batch_norm_monitor import BATCH_NORM_FILE, BatchNormMonitor, learning_batch_norms
from warmstart.training.observer import NoObserver

SHORT = ("schedule.epochs=2", "optimizer.lr=1e-3")


class Killed(Exception):
    """The end of a process, for tests in one."""


class DiesAfterOne(NoObserver):
    def on_epoch_end(self) -> None:
        raise Killed


@pytest.fixture(scope="module")
def watched(train_tiny: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("watched")
    return train_tiny("scratch_batchnorm", root / "model", *SHORT, state_root=root / "s")


def test_the_figures_are_the_distances_on_the_last_batch(tmp_path: Path) -> None:
    network = nn.Sequential(nn.BatchNorm1d(3, momentum=0.01, eps=1e-3))
    watch = BatchNormMonitor(network, tmp_path)
    trainer = SimpleNamespace(num_training_batches=2, current_epoch=0)
    batches = [torch.randn(16, 3) * 4 + 5, torch.randn(16, 3) * 4 + 5]
    for index, batch in enumerate(batches):
        watch.on_train_batch_start(trainer, None, None, index)
        network(batch)
        watch.on_train_batch_end(trainer, None, None, None, index)
    network(torch.zeros(4, 3))  # not listened to any more
    watch.on_train_epoch_end(trainer, None)
    first, last = batches
    mean = 0.01 * last.mean(0) + 0.99 * 0.01 * first.mean(0)
    variance = 0.01 * last.var(0) + 0.99 * (0.01 * first.var(0) + 0.99)
    (row,) = BatchNormRow.read_rows(tmp_path / BATCH_NORM_FILE)
    assert (row.epoch, row.step, row.layer) == (1, 2, "0")
    assert row.mean_gap == pytest.approx(
        float((((mean - last.mean(0)) ** 2) / (last.var(0) + 1e-3)).mean().sqrt()), rel=1e-4
    )
    assert row.var_log_ratio == pytest.approx(float(((variance + 1e-3) / (last.var(0) + 1e-3)).log().mean()), rel=1e-4)
    assert row.initial_share == pytest.approx(0.99**2)


def test_every_layer_and_epoch_is_in_the_model_folder(watched: Path) -> None:
    rows = BatchNormRow.read_rows(watched / BATCH_NORM_FILE)
    assert [row.epoch for row in rows] == [1] * 5 + [2] * 5  # four convolutions and the dense layer
    assert rows[-1].step == 6  # two epochs of three batches
    assert all(row.mean_gap > 0 for row in rows)


def test_watching_changes_nothing(
    watched: Path, train_tiny: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "learning_batch_norms", lambda _: {})
    alone = train_tiny("scratch_batchnorm", tmp_path / "model", *SHORT, state_root=tmp_path / "s")
    assert not (alone / BATCH_NORM_FILE).exists()
    a, b = (read_checkpoint(folder / "model.ckpt")["state_dict"] for folder in (watched, alone))
    assert all(torch.equal(a[key], b[key]) for key in a)
    figures: list[Any] = [
        [[row[key] for key in CURVES] for row in read_history(folder / "history.csv")] for folder in (watched, alone)
    ]
    assert figures[0] == figures[1]


def test_interrupted_and_resumed_equals_uninterrupted(
    watched: Path, train_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        train_tiny("scratch_batchnorm", tmp_path / "m", *SHORT, state_root=tmp_path / "s", observer=DiesAfterOne())
    parts = train_tiny("scratch_batchnorm", tmp_path / "m", *SHORT, state_root=tmp_path / "s")
    assert (parts / BATCH_NORM_FILE).read_bytes() == (watched / BATCH_NORM_FILE).read_bytes()


def test_frozen_backbones_and_networks_without_batch_norm_are_not_watched(
    frozen: Path, scratch: Path, tiny: Folders
) -> None:
    from warmstart.models.backbone import Backbone

    assert not (frozen / BATCH_NORM_FILE).exists()
    assert not (scratch / BATCH_NORM_FILE).exists()
    backbone = Backbone("efficientnet_lite0")
    backbone.unfreeze(None)
    assert not learning_batch_norms(backbone.train())
