"""Joining a training to its live tracking."""

from __future__ import annotations

import os

from _stage_paths import StagePaths
from warmstart.config.stages import TrainConfig
from warmstart.runtime.provenance import git_commit
from warmstart.tracking.live import LiveTracker
from warmstart.training.observer import NoObserver, Observer
from warmstart.training.train_recipe import RunSource


def start_watching(config: TrainConfig, paths: StagePaths) -> tuple[Observer, RunSource]:
    """An observer as ``tracking.live`` says, and what run.json records of where a run comes from."""
    observer: Observer = LiveTracker(paths.root, config.data.name) if config.tracking.live else NoObserver()
    parent = os.environ.get("WARMSTART_SWEEP_RUN") if paths.kind == "sweep" else None
    return observer, RunSource(paths.stage, paths.kind, git_commit(), parent)
