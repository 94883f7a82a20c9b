"""Where in MLflow's pages the runs of each dataset are compared. Without MLflow, which takes seconds to import."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from warmstart.tracking.local_store import ExperimentRow, experiment_rows
from warmstart.tracking.run_colours import sync_colours
from warmstart.tracking.saved_view import KEY, VIEW_TAG, is_known_version, sync_view
from warmstart.tracking.store import BESIDE, Experiment

_CHARTS = "workflowType=machine_learning&compareRunsMode=CHART"  # the first spares the pages of language models


@dataclass(frozen=True)
class Page:
    """A page of a dataset's runs. path: what follows the address of the server."""

    dataset: str
    path: str


def pages(root: Path) -> list[Page]:
    """The page of every dataset with runs, the one that was trained last first: the saved view, or, where no training
    of DVC has finished, the charts of all runs.

    Empty where the installed MLflow is not one whose pages are known, or the database cannot be read.
    """
    return [Page(row.name, _path(row)) for row in _datasets(root)] if is_known_version() else []


def write_missing_views(root: Path) -> None:
    """Give a view to experiments of an earlier version of Warmstart. Raises UserError as `Experiment.open`."""
    for row in _datasets(root):
        if row.current and not row.has_view and is_known_version():
            experiment = Experiment.open(root, row.name)
            sync_colours(experiment)
            sync_view(experiment)


def _datasets(root: Path) -> list[ExperimentRow]:
    database = root / "mlruns" / "mlflow.db"
    try:
        rows = experiment_rows(database, VIEW_TAG) if database.exists() else []
    except sqlite3.Error:
        return []
    return [row for row in rows if not row.name.endswith(BESIDE)]


def _path(row: ExperimentRow) -> str:
    view = f"&viewStateShareKey={KEY}" if row.current and row.has_view else ""
    return f"/#/experiments/{row.id}/runs?{_CHARTS}{view}"
