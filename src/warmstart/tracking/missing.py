"""What the files tell and MLflow does not hold, as after its folder was deleted. It asks the database itself, for MLflow takes seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from warmstart.errors import UserError
from warmstart.tracking.run_files import RUN_KEY, read_run_files

PLACES = ("recipes/*/model/run.json", "hand/**/run.json", "sweeps/**/run.json")


def missing(root: Path) -> list[str]:
    """The datasets of the checkout ``root`` with a finished training that its MLflow store has no run of, deleted ones included.

    Runs that `publish` would leave out, for their files are damaged, do not count. An empty list also where there is a database that
    cannot be read as one: MLflow, or `open_store`, says why.
    """
    database = root / "mlruns" / "mlflow.db"
    try:
        known = _published(database) if database.exists() else set()
    except sqlite3.Error:
        return []
    folders = sorted(path for path in (root / "artifacts").glob("[!.]*") if path.is_dir())
    return [folder.name for folder in folders if any(key not in known for key in _finished(folder))]


def _finished(artifacts: Path) -> Iterator[str]:
    for file in (file for place in PLACES for file in artifacts.glob(place) if (file.parent / "summary.json").exists()):
        try:
            yield read_run_files(file.parent).key
        except (UserError, OSError, KeyError, TypeError, ValueError):
            continue  # publishing names it, and would leave it out again


def _published(database: Path) -> set[str]:
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
        return {str(value) for (value,) in connection.execute("SELECT value FROM tags WHERE key = ?", (RUN_KEY,))}
