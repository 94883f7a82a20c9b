"""The MLflow store of a checkout: one SQLite database, one artifact folder, an experiment of a dataset's trainings and
one of what is no training.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import BaseFileLock, FileLock

from warmstart.errors import UserError
from warmstart.tracking import NO_TELEMETRY, messages
from warmstart.tracking.local_store import (
    check_database,
    create_database,
    from_url,
    move_paths,
    share_database,
    to_location,
    to_url,
)
from warmstart.tracking.saved_view import KIND_TAG, TRAINING_KIND

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

BESIDE = " · report and more"  # behind a dataset's name: the experiment of what is no training
_LOCK_TIMEOUT_S = 120.0
_PUBLISH_TIMEOUT_S = 600.0
_LOG_LEVELS = {
    "mlflow": logging.WARNING,
    "alembic": logging.WARNING,
    "mlflow.store.db.utils": logging.CRITICAL,  # prints the stack trace of what it raises, such as for a full disk
    "mlflow.utils.environment": logging.ERROR,  # warns that an environment has no pip
}


def open_store(root: Path) -> MlflowClient:
    """Open the store of the checkout ``root``: ``mlruns/mlflow.db`` and ``mlruns/artifacts/``, created when missing.

    Any number of processes may do so at once. MLflow reports no usage from then on. Raises UserError when the database
    cannot be read, or was written by an MLflow version with another schema.
    """
    os.environ.update(NO_TELEMETRY)  # before MLflow is imported, which reads it
    from mlflow.exceptions import MlflowException
    from mlflow.telemetry import set_telemetry_client
    from mlflow.tracking.client import MlflowClient

    set_telemetry_client()  # where MLflow was imported before, it reads it again
    for name, level in _LOG_LEVELS.items():
        logging.getLogger(name).setLevel(level)
    folder = Path(root).resolve() / "mlruns"
    database = folder / "mlflow.db"
    folder.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        with FileLock(folder / ".store.lock", timeout=_LOCK_TIMEOUT_S):
            if not database.exists():
                create_database(database)
    check_database(database)
    share_database(database)
    url = to_url(database)
    try:
        client = MlflowClient(tracking_uri=url, registry_uri=url)
        client.search_experiments(max_results=1)
    except MlflowException as error:
        if "out-of-date database schema" not in str(error):
            raise
        raise UserError(messages.OTHER_VERSION.format(database=database, folder=folder, url=url)) from error
    return client


def store_folder(client: MlflowClient) -> Path:
    """The ``mlruns`` folder of a client that `open_store` made."""
    return from_url(client.tracking_uri).parent


def local_path(location: str) -> Path:
    """The folder of an artifact location, which MLflow reads as a URL whether or not it begins with a scheme."""
    from mlflow.utils.file_utils import local_file_uri_to_path

    return Path(local_file_uri_to_path(location))  # type: ignore[no-untyped-call]


def get_experiment_id(client: MlflowClient, name: str) -> str:
    """The id of an experiment: created when missing, restored when deleted, repaired when the checkout moved.

    name: a dataset's, of its trainings, or that and `BESIDE`. Its artifacts are in ``mlruns/artifacts/<name>``. MLflow
    stores that path in full, so a moved or copied checkout would still write to the old place: then all paths of the
    store are changed to the new one.
    """
    location = to_location(store_folder(client) / "artifacts" / name)
    with FileLock(store_folder(client) / ".store.lock", timeout=_LOCK_TIMEOUT_S):
        found = client.get_experiment_by_name(name)
        if found is None:
            return str(client.create_experiment(name, location, {KIND_TAG: TRAINING_KIND}))
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
        if found.artifact_location != location:
            old, new = (text.rpartition("/")[0] for text in (found.artifact_location, location))
            move_paths(store_folder(client) / "mlflow.db", old, new)
        return str(found.experiment_id)


@dataclass(frozen=True)
class Experiment:
    """The experiment of a dataset in the store of the checkout ``root``."""

    root: Path
    dataset: str
    client: MlflowClient
    id: str

    @classmethod
    def open(cls, root: Path, dataset: str) -> Experiment:
        """Open the store and the experiment; both are created when missing. Raises UserError as `open_store`."""
        client = open_store(root)
        return cls(root, dataset, client, get_experiment_id(client, dataset))

    def beside(self) -> Experiment:
        """The dataset's experiment of what is no training, whose figures would fill the charts of the trainings."""
        return replace(self, id=get_experiment_id(self.client, self.dataset + BESIDE))

    def lock(self) -> BaseFileLock:
        """Hold the store for one read and write: whoever synchronises a run or moves a tag does it under this lock."""
        return FileLock(store_folder(self.client) / ".sync.lock", timeout=_LOCK_TIMEOUT_S)

    def publish_lock(self) -> BaseFileLock:
        """Held by the one process that publishes."""
        return FileLock(store_folder(self.client) / ".publish.lock", timeout=_PUBLISH_TIMEOUT_S)
