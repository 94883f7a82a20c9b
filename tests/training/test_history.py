"""The books of a run: the lesson's running average, the kept epoch, sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmstart.errors import UserError
from warmstart.training.history import COLUMNS, CURVES, best_row, read_history, smoothed, write_history
from warmstart.training.schedule import resolve_schedule

OWN = {"epochs": None, "batch_size": None, "steps_per_epoch": None, "patience": 8}


def row(epoch: int, accuracy: float, loss: float) -> dict[str, float]:
    return dict.fromkeys(COLUMNS, 0.0) | {"epoch": float(epoch), "val/acc": accuracy, "val/loss": loss}


def test_the_running_average_is_the_lessons() -> None:
    before, averages = None, []
    for value in (1.0, 0.0, 0.5):
        before = smoothed(dict.fromkeys(CURVES, value), before)
        averages.append(before["smooth/val/loss"])
    assert averages == pytest.approx([1.0, 0.8, 0.74])


def test_the_kept_epoch_has_the_highest_accuracy_then_the_lower_loss_then_comes_first() -> None:
    rows = [row(0, 0.8, 0.1), row(1, 0.9, 0.5), row(2, 0.9, 0.4), row(3, 0.9, 0.4), row(4, 0.85, 0.01)]
    assert best_row(rows)["epoch"] == 2


def test_history_survives_the_disk_exactly(tmp_path: Path) -> None:
    rows = [row(0, 1 / 3, 2 / 7), row(1, 0.1 + 0.2, 1e-9)]
    write_history(tmp_path / "history.csv", rows)
    assert read_history(tmp_path / "history.csv") == rows


def test_own_schedules_are_sized_to_the_data() -> None:
    small, large = (resolve_schedule(OWN, n, full_batch=False) for n in (300, 100_000))
    assert small.batch_size < large.batch_size
    assert small.epochs > large.epochs
    assert resolve_schedule(OWN, 300, full_batch=True).batch_size == 300
    assert resolve_schedule({**OWN, "epochs": 3, "batch_size": 20}, 300, full_batch=False).epochs == 3


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(UserError, match=r"schedule\.epochs"):
        resolve_schedule({**OWN, "epochs": 0}, 300, full_batch=False)
