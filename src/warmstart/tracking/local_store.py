"""The SQLite database of the local MLflow store: the only code that uses MLflow's tables and its store class.

``tests/tracking/test_local_store.py`` checks it against the installed version of MLflow, which this does not import.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from warmstart.errors import UserError
from warmstart.files.aside import aside
from warmstart.files.plain import default_mode
from warmstart.runtime.machine_errors import sentence
from warmstart.tracking import messages

PREFIX = "sqlite:///"
# The columns with full paths: (table, column).
PATH_COLUMNS = (("experiments", "artifact_location"), ("runs", "artifact_uri"), ("logged_models", "artifact_location"))
_TIMEOUT_S = 20
_LEFT_OVERS = ("-wal", "-shm", "-journal")
_EXPERIMENT_ROWS = """
SELECT e.experiment_id, e.name,
    SUM(EXISTS (SELECT 1 FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = 'current' AND t.value = 'true')
        AND EXISTS (SELECT 1 FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = 'kind' AND t.value = 'dvc'))
FROM experiments e JOIN runs r ON r.experiment_id = e.experiment_id
WHERE e.lifecycle_stage = 'active' AND r.lifecycle_stage = 'active'
GROUP BY e.experiment_id ORDER BY MAX(r.start_time) DESC
"""
_TAGS_OF_EXPERIMENTS = "SELECT experiment_id, key FROM experiment_tags WHERE substr(key, 1, ?) = ?"


@dataclass(frozen=True)
class ExperimentRow:
    """An experiment with runs. current: how many of them are the current trainings of DVC. views: keys of its views."""

    id: str
    name: str
    current: int
    views: frozenset[str]


def create_database(database: Path) -> None:
    """Create an empty store with a write-ahead log.

    It is moved to its place when complete: two processes that run MLflow's migrations on one file would fail.
    """
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    for end in _LEFT_OVERS:  # of a database that was deleted by hand: SQLite would replay its log into the new one
        Path(f"{database}{end}").unlink(missing_ok=True)
    with aside(database, folder=True) as folder:
        new = folder / database.name
        artifacts = to_location(database.parent / "artifacts")
        store = SqlAlchemyStore(to_url(new), artifacts)  # type: ignore[no-untyped-call]
        store.engine.dispose()
        with closing(sqlite3.connect(new)) as connection:
            # Six times faster a batch than the rollback journal, and readers are never blocked.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.replace(new, database)


def check_database(database: Path) -> None:
    """Raise UserError where it is no database or cannot be written now. MLflow would retry for a hundred seconds."""
    try:
        with closing(sqlite3.connect(database, timeout=_TIMEOUT_S)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute("BEGIN IMMEDIATE")  # needs the right to write, also the files beside it
            connection.rollback()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            reason = messages.DAMAGED_DATABASE.format(database=database, folder=database.parent, error=error)
        else:
            reason = sentence(error) or messages.UNOPENED_DATABASE.format(database=database, error=error)
        raise UserError(reason) from None


def share_database(database: Path) -> None:
    """Let those write the database who may write its folder, as far as the umask permits.

    SQLite creates it for its owner alone, and gives the files beside it the same mode.
    """
    if os.name != "posix":
        return
    status = database.stat()
    mode = status.st_mode | (default_mode(0o666) & database.parent.stat().st_mode)
    if mode != status.st_mode and status.st_uid == os.getuid():
        database.chmod(stat.S_IMODE(mode))


def move_paths(database: Path, old: str, new: str) -> None:
    """Replace the folder ``old`` by ``new`` in every path of the store, as after its checkout was moved."""
    with closing(sqlite3.connect(database, timeout=_TIMEOUT_S)) as connection, connection:
        for table, column in PATH_COLUMNS:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                (new, len(old) + 1, len(old) + 1, old + "/"),
            )


def experiment_rows(database: Path, view_tag: str) -> list[ExperimentRow]:
    """The experiments with runs, the one of the run that started last first. view_tag: what the tags of views begin
    with. Raises sqlite3.Error.
    """
    with closing(_open_to_read(database)) as connection:
        rows = connection.execute(_EXPERIMENT_ROWS).fetchall()
        tags = connection.execute(_TAGS_OF_EXPERIMENTS, (len(view_tag), view_tag)).fetchall()
    views = {number: frozenset(key[len(view_tag) :] for one, key in tags if one == number) for number, *_ in rows}
    return [ExperimentRow(str(number), name, current, views[number]) for number, name, current in rows]


def tag_values(database: Path, tag: str) -> set[str]:
    """The values of a tag of all runs, deleted ones included. Raises sqlite3.Error."""
    with closing(_open_to_read(database)) as connection:
        return {str(value) for (value,) in connection.execute("SELECT value FROM tags WHERE key = ?", (tag,))}


def _open_to_read(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=_TIMEOUT_S)


def to_url(database: Path) -> str:
    """The database as a URL of SQLAlchemy, quoted only where that would interpret the path (``%2F``, ``?``).

    Then slashes are quoted too: MLflow creates the folder of the URL without unquoting it, and finds none.
    """
    path = str(database)
    return PREFIX + (quote(path, safe="") if unquote(path) != path or "?" in path else path)


def from_url(url: str) -> Path:
    """The database of such a URL."""
    return Path(unquote(url.removeprefix(PREFIX)))


def to_location(folder: Path) -> str:
    """A folder as an artifact location, which MLflow reads as a URL: quoted only where a character requires it."""
    path = str(folder)
    return quote(path) if any(sign in path for sign in "%?#;") else path
