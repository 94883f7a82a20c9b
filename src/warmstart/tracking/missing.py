"""What the files tell and MLflow does not hold, as after its folder was deleted. It asks the database itself, for MLflow takes seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from warmstart.errors import UserError
from warmstart.files import read_json
from warmstart.tracking.run_files import RUN_KEY

PLACES = ("recipes/*/model/run.json", "hand/**/run.json", "sweeps/**/run.json")


def missing(root: Path) -> list[str]:
    """The datasets of the checkout ``root`` with a finished training that its MLflow store has no run of, deleted ones included.

    None where there is a database that cannot be read as one: MLflow, or `open_store`, says why.
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
            yield str(read_json(file)["run_key"])
        except (UserError, OSError, KeyError, TypeError):
            continue  # publishing names it


def _published(database: Path) -> set[str]:
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
        return {str(value) for (value,) in connection.execute("SELECT value FROM tags WHERE key = ?", (RUN_KEY,))}
