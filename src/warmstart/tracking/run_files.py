"""The files of one training in its ``model/`` folder, in one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from warmstart.files.digest import sha256_file
from warmstart.files.reading import need, reading
from warmstart.records.history import EpochMetrics
from warmstart.records.run_identity import RunIdentity
from warmstart.records.steps import StepRow
from warmstart.records.training_summary import TrainingSummary

RUN_KEY = "warmstart.run_key"  # the tag with the run key of run.json, by which a run is found whatever its MLflow id is


@dataclass(frozen=True)
class RunFiles:
    """A run that is going on or has finished. config: its keys differ by recipe. summary: None until the end. steps:
    empty for a training that records none.
    """

    folder: Path
    identity: RunIdentity
    history: Sequence[EpochMetrics]
    config: Mapping[str, object]
    summary: TrainingSummary | None
    steps: Sequence[StepRow] = ()

    @property
    def started(self) -> int:
        """Start, in ms since 1970."""
        return int(self.identity.created * 1000)

    @property
    def ended(self) -> int:
        """End of the last epoch, or the start when there is none yet, in ms since 1970."""
        return int(self.history[-1].time * 1000) if self.history else self.started

    @cached_property
    def checkpoint_digest(self) -> str | None:
        """The sha256 of the best network, by which other stages name their training; None while there is none."""
        checkpoint = self.folder / "model.ckpt"
        return sha256_file(checkpoint) if checkpoint.exists() else None


def read_run_files(folder: Path) -> RunFiles:
    """Read a ``model/`` folder. Raises UserError, naming the file, when run.json is missing or a file is damaged."""
    history, config, summary = folder / "history.csv", folder / "config.yaml", folder / "summary.json"
    steps = folder / "steps.csv"
    return RunFiles(
        folder,
        RunIdentity.read(folder / "run.json"),
        EpochMetrics.read_rows(history) if history.exists() else [],
        _read_config(config) if config.exists() else {},
        TrainingSummary.read(summary) if summary.exists() else None,
        StepRow.read_rows(steps) if steps.exists() else [],
    )


def _read_config(path: Path) -> Mapping[str, object]:
    with reading(path, "a configuration"):
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return need(path, config, ())
