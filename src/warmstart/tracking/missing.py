"""Which finished trainings MLflow does not have. It does not import MLflow, which takes seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from warmstart.errors import UserError
from warmstart.tracking.local_store import tag_values
from warmstart.tracking.run_files import RUN_KEY, read_run_files

_RUN_FILES = ("recipes/*/model/run.json", "hand/**/run.json", "sweeps/**/run.json")


def missing(root: Path) -> list[str]:
    """The datasets of the checkout ``root`` with a finished training that MLflow has no run of, not even a deleted one.

    Runs with damaged files do not count. Empty also where the database cannot be read: `open_store` reports why.
    """
    database = root / "mlruns" / "mlflow.db"
    try:
        known = tag_values(database, RUN_KEY) if database.exists() else set()
    except sqlite3.Error:
        return []
    folders = sorted(path for path in (root / "artifacts").glob("[!.]*") if path.is_dir())
    return [folder.name for folder in folders if any(key not in known for key in _finished_keys(folder))]


def _finished_keys(artifacts: Path) -> Iterator[str]:
    for file in (file for pattern in _RUN_FILES for file in artifacts.glob(pattern)):
        if (file.parent / "summary.json").exists():
            try:
                yield read_run_files(file.parent).identity.run_key
            except (UserError, OSError):
                continue  # publishing reports it, and would leave it out again
