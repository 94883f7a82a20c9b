"""Joining a training to its live tracking."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from _stage_paths import StagePaths
from warmstart.config.stages import TrainConfig
from warmstart.runtime.provenance import git_commit
from warmstart.tracking.live import Ending, LiveTracker
from warmstart.training.observer import NoObserver, Observer


class LiveObserver:
    """Passes what happens in a training on to the tracking process."""

    def __init__(self, root: Path, dataset: str) -> None:
        self.root, self.dataset = root, dataset
        self.tracker = LiveTracker()

    def started(self, run_dir: Path) -> None:
        self.tracker.start(self.root, self.dataset, run_dir, state=run_dir)

    def on_epoch_end(self) -> None:
        self.tracker.notify()

    def ended(self, status: str) -> str | None:
        return self.tracker.close(cast(Ending, status))


def start_watching(config: TrainConfig, paths: StagePaths) -> tuple[Observer, dict[str, Any]]:
    """An observer as ``tracking.live`` says, and what run.json records of where a run comes from."""
    run = {
        "stage": paths.stage,
        "kind": paths.kind,
        "git_commit": git_commit(),
        "parent": os.environ.get("WARMSTART_SWEEP_RUN") if paths.kind == "sweep" else None,
    }
    observer: Observer = LiveObserver(paths.root, config.data.name) if config.tracking.live else NoObserver()
    return observer, run
