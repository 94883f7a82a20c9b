"""Where in MLflow's pages the runs of each dataset are compared. Without MLflow, which takes seconds to import."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from warmstart.tracking.local_store import ExperimentRow, experiment_rows
from warmstart.tracking.run_colours import sync_colours
from warmstart.tracking.saved_view import ALL_TRAININGS, COMPARISON, VIEW_TAG, View, is_known_version, sync_views
from warmstart.tracking.store import BESIDE, Experiment

_CHARTS = "workflowType=machine_learning&compareRunsMode=CHART"  # the first spares the pages of language models


@dataclass(frozen=True)
class Page:
    """A page of a dataset's runs. path: what follows the address of the server."""

    dataset: str
    path: str


def pages(root: Path) -> list[Page]:
    """The page of every dataset with runs, the one that was trained last first: the view of the comparison, or that of
    all trainings where none of DVC has finished; where the store has no such view, the charts of all runs.

    Empty where the installed MLflow is not one whose pages are known, or the database cannot be read.
    """
    return [Page(row.name, _path(row)) for row in _datasets(root)] if is_known_version() else []


def write_missing_views(root: Path) -> None:
    """Give a view to experiments of an earlier version of Warmstart. Raises UserError as `Experiment.open`."""
    for row in _datasets(root):
        if _view(row).key not in row.views and is_known_version():
            experiment = Experiment.open(root, row.name)
            sync_colours(experiment)
            sync_views(experiment)


def _datasets(root: Path) -> list[ExperimentRow]:
    database = root / "mlruns" / "mlflow.db"
    try:
        rows = experiment_rows(database, VIEW_TAG) if database.exists() else []
    except sqlite3.Error:
        return []
    return [row for row in rows if not row.name.endswith(BESIDE)]


def _path(row: ExperimentRow) -> str:
    key = _view(row).key
    view = f"&viewStateShareKey={key}" if key in row.views else ""
    return f"/#/experiments/{row.id}/runs?{_CHARTS}{view}"


def _view(row: ExperimentRow) -> View:
    return COMPARISON if row.current else ALL_TRAININGS
