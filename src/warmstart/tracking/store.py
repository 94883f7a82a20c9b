"""The MLflow store of a checkout: one SQLite database, one artifact folder, one experiment a dataset."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from filelock import FileLock
from mlflow.exceptions import MlflowException
from mlflow.tracking.client import MlflowClient
from mlflow.utils.file_utils import local_file_uri_to_path

from warmstart.errors import UserError
from warmstart.files.aside import aside
from warmstart.files.plain import default_mode
from warmstart.runtime.machine_errors import sentence

_PREFIX = "sqlite:///"
_LOCK_SECONDS = 120.0


def open_store(root: Path) -> MlflowClient:
    """Open the store of the checkout ``root``: ``mlruns/mlflow.db`` and ``mlruns/artifacts/``; made when missing.

    Safe for any number of processes that start at once. Raises UserError when the database cannot be read, or was
    written by an MLflow version with another schema.
    """
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(
        logging.CRITICAL
    )  # prints the stack of what it raises, such as for a full disk
    logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)  # warns that an environment has no pip
    folder = Path(root).resolve() / "mlruns"
    database = folder / "mlflow.db"
    folder.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        with FileLock(folder / ".store.lock", timeout=_LOCK_SECONDS):
            if not database.exists():
                _create(database)
    _check(database)
    _share(database)
    uri = _url(database)
    try:
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
    except MlflowException as error:
        if "out-of-date database schema" not in str(error):
            raise
        raise UserError(
            f"{database} was written by another version of MLflow. If that is an older one, keep a copy of {folder} and bring it up to date "
            f"with `mlflow db upgrade {uri}`; if it is a newer one, install that version."
        ) from error
    return client


def store_folder(client: MlflowClient) -> Path:
    """The ``mlruns`` folder of a client that `open_store` made."""
    return Path(unquote(client.tracking_uri.removeprefix(_PREFIX))).parent


def local_path(location: str) -> Path:
    """The folder of an artifact location, which MLflow reads as a URL whether or not it begins with a scheme."""
    return Path(local_file_uri_to_path(location))  # type: ignore[no-untyped-call]


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
    place = _location(store_folder(client) / "artifacts" / dataset)
    with FileLock(store_folder(client) / ".store.lock", timeout=_LOCK_SECONDS):
        found = client.get_experiment_by_name(dataset)
        if found is None:
            return str(client.create_experiment(dataset, artifact_location=place))
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
        if found.artifact_location != place:
            old, new = (text.rpartition("/")[0] for text in (found.artifact_location, place))
            _relocate(store_folder(client) / "mlflow.db", old, new)
        return str(found.experiment_id)


def _create(database: Path) -> None:
    # Two processes that run MLflow's migrations on one file fail with "table already exists"; so the database is
    # built beside its place, and appears there complete.
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    for end in (
        "-wal",
        "-shm",
        "-journal",
    ):  # of a database deleted by hand: SQLite would play its old write-ahead log into ours
        Path(f"{database}{end}").unlink(missing_ok=True)
    with aside(database, folder=True) as folder:
        new = folder / database.name
        store = SqlAlchemyStore(_url(new), _location(database.parent / "artifacts"))  # type: ignore[no-untyped-call]
        store.engine.dispose()
        with closing(sqlite3.connect(new)) as connection:
            # Persistent, and six times faster a batch than the rollback journal, with readers never blocked.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.replace(new, database)


def _check(database: Path) -> None:
    # MLflow tries to open a broken file ten times, for a hundred seconds, before it says so.
    try:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute("BEGIN IMMEDIATE")  # says at once whether it may be written, with the files beside it
            connection.rollback()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise UserError(
                f"{database} is damaged or no database ({error}). Move {database.parent} away, and rebuild what the files still tell "
                "with `python pipelines/publish.py`; notes, and runs whose files are gone, are in the old one only."
            ) from None
        raise UserError(
            sentence(error) or f"{database} cannot be opened now ({error}); give the same command again"
        ) from None


def _share(database: Path) -> None:
    """Let those write the database who may write its folder and whom this user's umask admits: SQLite makes it for its owner alone.

    The files that SQLite puts beside it have its mode.
    """
    if os.name != "posix":
        return
    now = database.stat()
    wanted = now.st_mode | (default_mode(0o666) & database.parent.stat().st_mode)
    if wanted != now.st_mode and now.st_uid == os.getuid():
        database.chmod(stat.S_IMODE(wanted))


def _url(database: Path) -> str:
    """SQLAlchemy takes apart what follows the scheme: ``%2F`` and ``?`` in a path would mean something.

    Then the slashes are quoted too: MLflow makes the folder of the file, which it reads without undoing the quotes; so it finds none.
    """
    path = str(database)
    return _PREFIX + (quote(path, safe="") if unquote(path) != path or "?" in path else path)


def _location(folder: Path) -> str:
    """A folder as MLflow's artifact location; as it is where no character in it means something in a URL."""
    path = str(folder)
    return quote(path) if any(sign in path for sign in "%?#;") else path


def _relocate(database: Path, old: str, new: str) -> None:
    columns = (("experiments", "artifact_location"), ("runs", "artifact_uri"), ("logged_models", "artifact_location"))
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        for table, column in columns:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                (new, len(old) + 1, len(old) + 1, old + "/"),
            )
