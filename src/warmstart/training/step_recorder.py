"""A Lightning callback that records the learning rate and the throughput of every step."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from warmstart.records.steps import StepRow

STEPS_FILE = "steps.csv"


class StepRecorder(pl.callbacks.Checkpoint):
    """Keeps a row per training batch, and ``steps.csv`` in the trainer's folder. It changes nothing in training."""

    def __init__(self) -> None:
        self.rows: list[StepRow] = []
        self._started = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The rows, for the resume checkpoint."""
        return {"rows": [asdict(row) for row in self.rows]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue the rows of an interrupted training."""
        self.rows = [StepRow(**row) for row in state_dict["rows"]]

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Note the rate that this step uses: a scheduler changes it after the step."""
        self._started = time.perf_counter()
        self._rate = float(trainer.optimizers[0].param_groups[0]["lr"])

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Add the row."""
        seconds = max(time.perf_counter() - self._started, 1e-9)
        epoch = int(trainer.current_epoch) + 1
        self.rows.append(StepRow(len(self.rows) + 1, epoch, self._rate, len(batch[1]) / seconds))

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the file."""
        StepRow.write_rows(Path(trainer.default_root_dir) / STEPS_FILE, self.rows)
