"""Bring MLflow up to date with the files of a dataset: python pipelines/publish.py data=critters. Safe to repeat at any
time.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import PublishConfig


def work(config: PublishConfig, paths: StagePaths) -> None:
    from warmstart.records.run_identity import Published
    from warmstart.tracking.publish import publish
    from warmstart.training.state_folders import forget_finished

    report = publish(paths.root, config.data.name, paths.dataset)
    logging.getLogger("warmstart").info("%s", report)
    if paths.kind == "dvc":
        forget_finished(paths.state, "dvc", dataset=config.data.name)
    if config.out_dir:
        Published(report.experiment_id, report.runs).write(Path(config.out_dir) / "published.json")


if __name__ == "__main__":
    app("publish", work)
