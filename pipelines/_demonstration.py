"""The end of a demonstration of the lesson: its figures in MLflow, and where they are."""

from __future__ import annotations

from pathlib import Path

from _stage_paths import StagePaths
from warmstart.config.stages import LessonConfig
from warmstart.tracking.publish import publish_lesson


def end_demonstration(config: LessonConfig, paths: StagePaths, dataset: Path, folder: Path) -> None:
    """Publish the demonstrations in ``dataset`` unless ``folder`` was chosen by hand, and log where this one is."""
    if config.tracking.live and not config.out_dir:
        publish_lesson(paths.root, dataset.name, dataset)
    paths.log_written(folder)
