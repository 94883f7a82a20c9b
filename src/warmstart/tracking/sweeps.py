"""A sweep is one parent run; its trials are runs of their own that name it as their parent."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from warmstart.records.run_identity import Ending
from warmstart.records.sweep import Sweep
from warmstart.tracking import messages
from warmstart.tracking.live import STATUS_OF
from warmstart.tracking.run_lock import RunLock, close_killed_runs

if TYPE_CHECKING:
    from warmstart.tracking.store import Experiment

SWEEP_FILE = "sweep.json"
_logger = logging.getLogger(__name__)
_locks: dict[Path, RunLock] = {}  # of the sweeps of this process, by their folder


def start_sweep(root: Path, dataset: str, directory: Path, overrides: Sequence[str]) -> str | None:
    """Write ``directory/sweep.json`` and create the parent run. Returns its MLflow id.

    None, with a warning, when MLflow cannot be written: `publish` creates the parent from the file afterwards.
    """
    sweep = Sweep(uuid4().hex, directory.name, list(overrides), time.time(), "RUNNING", None)
    _locks[directory] = RunLock(root, sweep.key)
    sweep.write(directory / SWEEP_FILE)
    return _sync(root, dataset, directory)


def end_sweep(root: Path, dataset: str, directory: Path, status: Ending) -> str | None:
    """Write to sweep.json how the sweep ended, and end the parent run. A second call changes nothing."""
    if not (directory / SWEEP_FILE).exists():  # interrupted before it was written
        return None
    sweep = Sweep.read(directory / SWEEP_FILE)
    if sweep.ended is None:
        replace(sweep, status=STATUS_OF[status], ended=time.time()).write(directory / SWEEP_FILE)
    try:
        return _sync(root, dataset, directory)
    finally:
        if lock := _locks.pop(directory, None):
            lock.release()


def sync_sweep(experiment: Experiment, directory: Path) -> str:
    """Synchronise the parent run with ``directory/sweep.json``; it is created when missing. Returns its MLflow id."""
    from warmstart.tracking.run_logger import RunLogger

    sweep = Sweep.read(directory / SWEEP_FILE)
    with experiment.lock():
        logger = RunLogger(experiment, sweep.key, f"sweep {sweep.stamp}", int(sweep.created * 1000))
        logger.set_tags({"recipe": "sweep", "kind": "sweep", "sweep.overrides": " ".join(sweep.overrides)})
        if sweep.ended is not None:  # that of a killed sweep was never written: `close_killed_runs` ends its run
            logger.end(sweep.status, int(sweep.ended * 1000))
    return logger.id


def _sync(root: Path, dataset: str, directory: Path) -> str | None:
    try:
        from warmstart.tracking.store import Experiment

        experiment = Experiment.open(root, dataset)
        run_id = sync_sweep(experiment, directory)
        close_killed_runs(experiment)
        return run_id
    except Exception as error:
        _logger.warning(messages.SWEEP_NOT_LOGGED.format(error=error))
        return None
