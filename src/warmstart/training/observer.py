"""Whoever wants to watch a training. Training knows this, and nothing of MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Observer(Protocol):
    """Told when a run starts, after each epoch, and how it ended. Must not raise, and must not be slow."""

    def started(self, run_dir: Path) -> None:
        """``run_dir`` holds run.json, config.yaml and, from now on, history.csv."""

    def on_epoch_end(self) -> None:
        """history.csv has been written anew."""

    def ended(self, status: str) -> str | None:
        """``finished``, ``failed`` or, when it was asked to end, ``killed``. Returns the id under which the run is tracked, if any."""


class NoObserver:
    """Nobody watches."""

    def started(self, run_dir: Path) -> None:
        """Nothing."""

    def on_epoch_end(self) -> None:
        """Nothing."""

    def ended(self, status: str) -> str | None:
        """Nothing."""
        return None
