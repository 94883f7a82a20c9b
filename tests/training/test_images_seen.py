"""How many images a training has seen, as its summary says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from warmstart.records.training_summary import TrainingSummary


def test_steps_and_batches_decide_where_the_schedule_fixes_them(
    train_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    schedule = ("schedule.epochs=2", "schedule.steps_per_epoch=3", "schedule.batch_size=4")
    train_tiny("scratch", tmp_path / "model", *schedule)
    assert TrainingSummary.read(tmp_path / "model" / "summary.json").images_seen == 2 * 3 * 4
