"""What forked children do when it is no command: a stage of the core, which may end itself after an epoch."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any


def train(config: dict[str, Any], images: str, features: str, out: str, state: str, init_from: str | None = None, epochs: int = 0,
          threads: int = 1) -> None:  # fmt: skip
    """Train; epochs: after so many that this process has added, it kills itself, 0 for never. threads: of PyTorch."""
    import torch

    from support import training_parts
    from warmstart.config.stages import stage_config
    from warmstart.runtime.sockets import keep_sockets_short
    from warmstart.training.observer import NoObserver
    from warmstart.training.train_recipe import train

    torch.set_num_threads(threads)
    keep_sockets_short()

    class Kills(NoObserver):
        """Sees by history.csv how many epochs are done."""

        def started(self, run_dir: Path) -> None:
            self.history = run_dir / "history.csv"
            self.before = self.lines()

        def lines(self) -> int:
            return len(self.history.read_text().splitlines()) - 1 if self.history.exists() else 0

        def on_epoch_end(self) -> None:
            if epochs and self.lines() - self.before >= epochs:
                os.kill(os.getpid(), signal.SIGKILL)

    train(
        stage_config("train", config), training_parts(config), images_dir=Path(images), features_dir=Path(features), out_dir=Path(out), state_root=Path(state),
        init_from=Path(init_from) if init_from else None, observer=Kills(),
    )  # fmt: skip


def prepare(config: dict[str, Any], out: str) -> None:
    """Prepare the images of the ``data`` group."""
    from ingest_options import prepare

    prepare(config["data"], Path(out) / "images")


def features(config: dict[str, Any], images: str, out: str) -> None:
    """Run the backbone over them."""
    from warmstart.config.stages import stage_config
    from warmstart.features.feature_cache import extract_features

    extract_features(stage_config("feature_extract", config), Path(images), Path(out) / "feature_cache")
