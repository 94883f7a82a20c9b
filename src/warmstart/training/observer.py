"""Observers of a training. Training knows this protocol, and nothing of MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from warmstart.records.run_identity import Ending


class Observer(Protocol):
    """Is notified of the start, each epoch and the end of a training. Methods must be fast and must not raise."""

    def started(self, run_dir: Path) -> None:
        """``run_dir`` holds run.json, config.yaml and, after the first epoch, history.csv."""

    def on_epoch_end(self) -> None:
        """history.csv has been written."""

    def ended(self, status: Ending) -> str | None:
        """Returns the id of the run in the tracking store, if there is one."""


class NoObserver:
    """An observer that does nothing."""

    def started(self, run_dir: Path) -> None: ...

    def on_epoch_end(self) -> None: ...

    def ended(self, status: Ending) -> None: ...
