"""What is used of MLflow beyond its documented interface is in the pinned version as it is assumed to be."""

from __future__ import annotations

import inspect
import re
import shutil
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from support import CHECKOUT
from warmstart.tracking.local_store import PATH_COLUMNS, create_database, from_url, move_paths, tag_values, to_url


def test_this_is_the_pinned_version() -> None:
    pins = re.findall(r"^mlflow==(\S+)", (CHECKOUT / "requirements.txt").read_text(), re.MULTILINE)
    assert pins == [version("mlflow")]


def test_every_full_path_of_the_database_is_in_a_known_column(tmp_path: Path) -> None:
    from warmstart.tracking.store import get_experiment_id, open_store

    root = tmp_path / "a checkout"
    client = open_store(root)
    run = client.create_run(get_experiment_id(client, "critters"))
    client.set_tag(run.info.run_id, "a tag", "a value")
    client.create_logged_model(run.info.experiment_id, "model", run.info.run_id)
    database = root / "mlruns" / "mlflow.db"
    assert columns_with(database, str(root)) == set(PATH_COLUMNS)
    assert tag_values(database, "a tag") == {"a value"}
    move_paths(database, str(root), "/elsewhere")
    assert columns_with(database, str(root)) == set() and columns_with(database, "/elsewhere") == set(PATH_COLUMNS)


def columns_with(database: Path, text: str) -> set[tuple[str, str]]:
    """The columns in which a value begins with ``text``, besides that of the default experiment."""
    found = set()
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                query = f"SELECT count(*) FROM {table} WHERE substr({column}, 1, ?) = ?"
                if connection.execute(query, (len(text), text)).fetchone()[0]:
                    found.add((table, column))
    return found


@pytest.mark.parametrize("name", ["plain", "a%2Fb", "what?", "two words"])
def test_a_url_is_read_back_as_its_path(name: str, tmp_path: Path) -> None:
    assert from_url(to_url(tmp_path / name / "mlflow.db")) == tmp_path / name / "mlflow.db"


def test_the_parts_of_mlflow_in_use_are_there() -> None:
    from mlflow.models import ModelSignature
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from mlflow.types.schema import ColSpec, DataType, Schema

    assert list(inspect.signature(SqlAlchemyStore.__init__).parameters)[1:3] == ["db_uri", "default_artifact_root"]
    assert ModelSignature(Schema([ColSpec(DataType.binary)]))._is_signature_from_type_hint is False
    for method in ("list_artifacts", "delete_artifacts", "log_artifact"):
        assert callable(getattr(LocalArtifactRepository, method))


def test_the_write_ahead_log_of_a_deleted_database_is_not_replayed_into_the_new_one(
    empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Store:
        """Creates the database as MLflow does, without the seconds that its migrations take."""

        def __init__(self, url: str, artifacts: str) -> None:
            shutil.copy(empty_store, from_url(url))
            self.engine = self

        def dispose(self) -> None:
            pass

    monkeypatch.setattr("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore", Store)
    (tmp_path / "mlflow.db-wal").write_bytes(b"old")
    create_database(tmp_path / "mlflow.db")
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]
