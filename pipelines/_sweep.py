"""A sweep is one parent run in MLflow with a child for every job."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from _app import user_root

TRAINING = ("train", "fine_tune")


class ParentRun(Callback):
    """Hydra calls this around a multirun; the children find the parent's id in an environment variable."""

    def __init__(self) -> None:
        self.ended = True

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Start the parent run, for sweeps that train."""
        if Path(sys.argv[0]).stem not in TRAINING or not config.tracking.live:
            return
        from warmstart.tracking.sweeps import start_sweep

        self.root, self.dataset = user_root(), str(config.data.name)
        # Resolved once and pinned, or every job would get a folder with a time of its own.
        self.folder = Path(str(config.hydra.sweep.dir)).resolve()
        overrides = [str(item) for item in config.hydra.overrides.task]
        parent = start_sweep(self.root, self.dataset, self.folder, overrides)
        if parent:
            os.environ["WARMSTART_SWEEP_RUN"] = parent
            self.ended = False
            atexit.register(self._end, "failed")

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """End the parent run."""
        self._end("finished")

    def _end(self, status: str) -> None:
        if not self.ended:
            from warmstart.tracking.sweeps import end_sweep

            self.ended = True
            end_sweep(self.root, self.dataset, self.folder, status)
