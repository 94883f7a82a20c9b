"""What one training left in its ``model/`` folder, read into one object."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json
from warmstart.files.reading import damage, need, reading

RUN_KEY = "warmstart.run_key"  # the tag that a run of MLflow has, and the key in run.json


@dataclass(frozen=True)
class RunFiles:
    """The files of a run that is going on or has finished.

    ``run`` is run.json; ``history`` has one dict an epoch, by epoch, with the columns of history.csv that have a value;
    ``config`` is config.yaml (empty when missing); ``summary`` is None until the training has finished.
    """

    folder: Path
    run: dict[str, Any]
    history: list[dict[str, float]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """What makes this run one run, whatever happens to MLflow's own ids."""
        return str(self.run["run_key"])

    @property
    def started(self) -> int:
        """Start, in ms since 1970."""
        return int(float(self.run["created"]) * 1000)

    @property
    def ended(self) -> int:
        """End of the last epoch (of the start, when there is none yet), in ms since 1970."""
        return int(self.history[-1]["time"] * 1000) if self.history else self.started


def read_run_files(folder: Path) -> RunFiles:
    """Read a ``model/`` folder. Raises UserError, naming the file, when run.json is missing or lacks a key."""
    keys = ("run_key", "recipe", "dataset", "created")
    run = read_json(folder / "run.json", *keys)
    for key in keys:
        if run[key] is None:
            raise damage(folder / "run.json", f"it has no {key!r}")
    config, summary = folder / "config.yaml", folder / "summary.json"
    return RunFiles(
        folder=folder,
        run=run,
        history=read_history(folder / "history.csv"),
        config=_read_config(config) if config.exists() else {},
        summary=read_json(summary, "kept", "last", "parameters", "kept_epoch", "seconds") if summary.exists() else None,
    )


def _read_config(path: Path) -> dict[str, Any]:
    with reading(path, "a configuration"):
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return need(path, config, ())


def read_history(path: Path) -> list[dict[str, float]]:
    """Read history.csv: one dict an epoch, sorted, without cells that hold no number and without a half line."""
    if not path.exists():
        return []
    with reading(path, "a history of epochs"):
        text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    rows: dict[int, dict[str, float]] = {}
    for cells in csv.DictReader(io.StringIO(whole, newline="")):
        row = {name: number for name, cell in cells.items() if (number := _number(cell)) is not None}
        if "epoch" in row and "time" in row:
            rows[int(row["epoch"])] = row
    return [rows[epoch] for epoch in sorted(rows)]


def _number(cell: str | None) -> float | None:
    try:
        value = float(cell) if cell else None
    except ValueError:
        return None
    return None if value is not None and math.isinf(value) else value


def kept_digest(model_dir: Path) -> str | None:
    """The sha256 of the kept network, by which evaluations and pictures tell which training they are of; None while there is none."""
    kept = model_dir / "model.ckpt"
    return sha256_file(kept) if kept.exists() else None
