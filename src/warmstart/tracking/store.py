"""The MLflow store of a checkout: one SQLite database, one artifact folder, one experiment a dataset."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock
from mlflow.exceptions import MlflowException
from mlflow.tracking.client import MlflowClient

from warmstart.errors import UserError

_PREFIX = "sqlite:///"
_LOCK_SECONDS = 120.0


def open_store(root: Path) -> MlflowClient:
    """Open the store of the checkout ``root``: ``mlruns/mlflow.db`` and ``mlruns/artifacts/``; made when missing.

    Safe for any number of processes that start at once. Raises UserError when the database cannot be read, or was
    written by an MLflow version with another schema.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)  # warns that an environment has no pip
    folder = Path(root).resolve() / "mlruns"
    database = folder / "mlflow.db"
    folder.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        with FileLock(folder / ".store.lock", timeout=_LOCK_SECONDS):
            if not database.exists():
                _create(database)
    _check(database)
    uri = f"{_PREFIX}{database}"
    try:
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
    except MlflowException as error:
        if "out-of-date database schema" not in str(error):
            raise
        raise UserError(
            f"{database} was written by another version of MLflow. Either bring it up to date with "
            f"`mlflow db upgrade {uri}`, or delete {folder} and rebuild it with `python pipelines/publish.py`."
        ) from error
    return client


def store_folder(client: MlflowClient) -> Path:
    """The ``mlruns`` folder of a client that `open_store` made."""
    return Path(client.tracking_uri.removeprefix(_PREFIX)).parent


@contextmanager
def store_lock(client: MlflowClient) -> Iterator[None]:
    """Hold the store for one look-and-write; whoever levels, creates or moves a tag does it under this lock."""
    with FileLock(store_folder(client) / ".level.lock", timeout=_LOCK_SECONDS):
        yield


def experiment(client: MlflowClient, dataset: str) -> str:
    """The id of the dataset's experiment: made when missing, restored when deleted, mended when the checkout moved.

    Its artifacts lie in ``mlruns/artifacts/<dataset>``. MLflow stores that path in full, so a moved or copied
    checkout would go on writing into the old place: every path of the store is then brought to the new one.
    """
    place = store_folder(client) / "artifacts" / dataset
    with FileLock(store_folder(client) / ".store.lock", timeout=_LOCK_SECONDS):
        found = client.get_experiment_by_name(dataset)
        if found is None:
            return str(client.create_experiment(dataset, artifact_location=str(place)))
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
        if found.artifact_location != str(place):
            _relocate(store_folder(client) / "mlflow.db", str(Path(found.artifact_location).parent), str(place.parent))
        return str(found.experiment_id)


def _create(database: Path) -> None:
    # Two processes that run MLflow's migrations on one file fail with "table already exists"; so the database is
    # built beside its place, and appears there complete.
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    aside = database.with_name(f".mlflow.db.{os.getpid()}.tmp")
    leftovers = [aside, *(Path(f"{file}{end}") for file in (aside, database) for end in ("-wal", "-shm", "-journal"))]
    for file in leftovers:  # also of a database deleted by hand: SQLite would play its old write-ahead log into ours
        file.unlink(missing_ok=True)
    try:
        store = SqlAlchemyStore(f"{_PREFIX}{aside}", str(database.parent / "artifacts"))  # type: ignore[no-untyped-call]
        store.engine.dispose()
        with closing(sqlite3.connect(aside)) as connection:
            # Persistent, and six times faster a batch than the rollback journal, with readers never blocked.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.replace(aside, database)
    finally:
        aside.unlink(missing_ok=True)


def _check(database: Path) -> None:
    # MLflow tries to open a broken file ten times, for a hundred seconds, before it says so.
    try:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise UserError(
            f"{database} cannot be read ({error}). Delete {database.parent} and rebuild it with `python pipelines/publish.py`."
        ) from None


def _relocate(database: Path, old: str, new: str) -> None:
    columns = (("experiments", "artifact_location"), ("runs", "artifact_uri"), ("logged_models", "artifact_location"))
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        for table, column in columns:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                (new, len(old) + 1, len(old) + 1, old + "/"),
            )
