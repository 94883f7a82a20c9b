"""The history of a training: the lesson's running average, the best epoch, resolved schedules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from record_builders import epoch_metrics
from support import CURVES
from warmstart.config.schema import Schedule
from warmstart.errors import UserError
from warmstart.records.history import EpochMetrics, History
from warmstart.training.history import smoothed_curves
from warmstart.training.schedule import resolve_schedule

OWN = Schedule("own", None, None, None, 8)


def row(epoch: int, accuracy: float, loss: float) -> EpochMetrics:
    return epoch_metrics(epoch, val_acc=accuracy, val_loss=loss)


def test_the_running_average_is_the_lessons() -> None:
    before, averages = None, []
    for value in (1.0, 0.0, 0.5):
        before = epoch_metrics(**smoothed_curves(dict.fromkeys(CURVES, value), before))
        averages.append(before.smooth_val_loss)
    assert averages == pytest.approx([1.0, 0.8, 0.74])


def test_the_best_epoch_has_the_highest_accuracy_then_the_lower_loss_then_comes_first() -> None:
    rows = [row(0, 0.8, 0.1), row(1, 0.9, 0.5), row(2, 0.9, 0.4), row(3, 0.9, 0.4), row(4, 0.85, 0.01)]
    assert History(rows).best.epoch == 2


def test_history_survives_the_disk_exactly(tmp_path: Path) -> None:
    rows = [row(0, 1 / 3, 2 / 7), row(1, 0.1 + 0.2, 1e-9)]
    History(rows).write(tmp_path / "history.csv")
    assert History.read(tmp_path / "history.csv").epochs == rows


def test_own_schedules_are_sized_to_the_data() -> None:
    small, large = (resolve_schedule(OWN, n, full_batch=False) for n in (300, 100_000))
    assert small.batch_size < large.batch_size
    assert small.epochs > large.epochs
    assert resolve_schedule(OWN, 300, full_batch=True).batch_size == 300
    assert resolve_schedule(replace(OWN, epochs=3, batch_size=20), 300, full_batch=False).epochs == 3
    augmented = resolve_schedule(OWN, 300, full_batch=False, phase="scratch_augmented")
    assert augmented.epochs > small.epochs and augmented.patience == OWN.patience


def test_impossible_schedules_are_refused() -> None:
    with pytest.raises(UserError, match=r"schedule\.epochs"):
        resolve_schedule(replace(OWN, epochs=0), 300, full_batch=False)
