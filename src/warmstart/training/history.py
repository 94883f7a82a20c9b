"""What happened in each epoch, counted from 1: one row of figures, raw and smoothed. It travels in the checkpoint, so a resume goes on with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from warmstart.records.history import EpochMetrics, History

CURVES = ("train/loss", "train/acc", "val/loss", "val/acc")
COLUMNS = ("epoch", "time", *CURVES, *(f"smooth/{key}" for key in CURVES), "lr", "time/epoch_s", "time/images_per_s")
FACTOR = 0.8
Row = dict[str, float]


def smoothed(row: Row, before: Row | None, factor: float = FACTOR) -> Row:
    """Add the lesson's running average of every curve: factor × the average before + (1 − factor) × the new point.

    The first point is its own average. ``before`` is the previous row, with its averages.
    """
    out = dict(row)
    for key in CURVES:
        name = f"smooth/{key}"
        out[name] = row[key] if before is None else factor * before[name] + (1 - factor) * row[key]
    return out


def epoch_metrics(row: Row) -> EpochMetrics:
    """A row as a record."""
    smooth = (row[f"smooth/{key}"] for key in CURVES)
    values = (*(row[key] for key in CURVES), row["lr"], row["time/epoch_s"], row["time/images_per_s"], *smooth)
    return EpochMetrics(int(row["epoch"]), row["time"], *values)


def write_history(path: str | Path, rows: Sequence[Row]) -> None:
    """Write ``history.csv`` in one step."""
    History([epoch_metrics(row) for row in rows]).write(path)


def best_row(rows: Sequence[Row]) -> Row:
    """The epoch whose network is kept: highest validation accuracy, ties by lower validation loss, then the earlier one."""
    return max(rows, key=lambda row: (row["val/acc"], -row["val/loss"], -row["epoch"]))
