"""The store works in a checkout of any name, may be shared by a group, and says what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from warmstart.errors import UserError
from warmstart.runtime.console import exit_on_user_error
from warmstart.tracking.publish import publish
from warmstart.tracking.store import get_experiment_id, local_path, open_store, store_folder

ODD = ["feature%2Fx", "a%20b", "100%", "a#b", "what?", "two words", "grün", "a;b", "a%2Fb #?ü&=+:@"]


@pytest.mark.parametrize("name", ODD)
def test_every_character_of_a_path_is_only_a_character(name: str, tmp_path: Path, checkout: Any) -> None:
    place = type(checkout)(tmp_path / "here" / name, checkout.empty_store)
    place.recipe("scratch")
    run_id = publish(place.root, "critters", place.folder).runs["recipes/scratch/model"]
    client = open_store(place.root)
    assert store_folder(client) == place.root / "mlruns"
    folder = local_path(client.get_run(run_id).info.artifact_uri)
    assert folder.is_relative_to(place.root / "mlruns" / "artifacts" / "critters")
    assert (folder / "interpret" / "cam" / "right.png").exists()
    assert [item.path for item in client.list_artifacts(run_id, "config")] == ["config/config.yaml"]
    assert Path(client.download_artifacts(run_id, "config/config.yaml")).read_text()
    assert [path.name for path in (tmp_path / "here").iterdir()] == [name]
    assert {path.name for path in tmp_path.iterdir()} == {checkout.root.name, "here"}, (
        "nor does MLflow make a folder of the quoted name"
    )
    assert publish(place.root, "critters", place.folder).runs["recipes/scratch/model"] == run_id


def test_a_packaged_model_lies_in_a_checkout_of_any_name(tmp_path: Path, checkout: Any) -> None:
    place = type(checkout)(tmp_path / "here" / ODD[-1], checkout.empty_store)
    client = open_store(place.root)
    model = client.create_logged_model(get_experiment_id(client, "critters"), "model")
    client.log_model_artifacts(model.model_id, str(checkout.empty_store.parent))
    assert local_path(model.artifact_location).is_relative_to(place.root)
    assert (local_path(model.artifact_location) / checkout.empty_store.name).exists()


@pytest.mark.parametrize(("old", "new"), [("plain", ODD[-1]), (ODD[-1], "plain"), ("a%2Fb", "c%2Fd")])
def test_a_checkout_moved_to_and_from_odd_names_writes_to_its_new_place(
    old: str, new: str, tmp_path: Path, checkout: Any
) -> None:
    place = type(checkout)(tmp_path / old, checkout.empty_store)
    place.recipe("scratch")
    run_id = publish(place.root, "critters", place.folder).runs["recipes/scratch/model"]
    moved = place.root.rename(tmp_path / new)
    assert publish(moved, "critters", moved / "artifacts" / "critters").runs["recipes/scratch/model"] == run_id
    assert local_path(open_store(moved).get_run(run_id).info.artifact_uri).is_relative_to(moved)
    assert not place.root.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a umask")
@pytest.mark.parametrize(
    ("umask", "folder", "expected"),
    [(0o002, 0o2775, 0o664), (0o022, 0o755, 0o644), (0o077, 0o700, 0o600), (0o077, 0o755, 0o644)],
)
def test_a_group_may_write_the_database_where_it_may_write_the_folder(
    umask: int, folder: int, expected: int, checkout: Any
) -> None:
    mlruns = checkout.root / "mlruns"
    mlruns.chmod(folder)
    (mlruns / "mlflow.db").chmod(expected & 0o644)  # as SQLite makes it
    before = os.umask(umask)
    try:
        get_experiment_id(open_store(checkout.root), "critters")
    finally:
        os.umask(before)
    assert stat.S_IMODE((mlruns / "mlflow.db").stat().st_mode) == expected
    with sqlite3.connect(mlruns / "mlflow.db") as connection:
        connection.execute("CREATE TABLE notes (x)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in mlruns.glob("mlflow.db-*")}
    assert set(modes) == {"mlflow.db-wal", "mlflow.db-shm"} and set(modes.values()) == {expected}
    locks = {stat.S_IMODE(path.stat().st_mode) for path in mlruns.glob(".*.lock")}
    assert locks == {0o666 & ~umask}


def test_only_what_is_no_database_is_to_be_moved_away(checkout: Any) -> None:
    database = checkout.root / "mlruns" / "mlflow.db"
    whole = database.read_bytes()
    for content in (b"this is no database, whatever its name says" * 100, whole[:100] + b"\xff" * 3000 + whole[3100:]):
        database.write_bytes(content)
        with pytest.raises(UserError, match=r"mlflow\.db is damaged or no database.*Move .* away"):
            open_store(checkout.root)


def test_a_store_in_use_or_without_room_keeps_all_that_is_in_it(checkout: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from warmstart.tracking import local_store

    for text, said in (
        ("database is locked", "in use"),
        ("database or disk is full", "disk is full"),
        ("attempt to write a readonly database", "cannot be written"),
        ("unable to open database file", "cannot be written"),
        ("disk I/O error", "mlflow.db"),
    ):

        def refuse(*arguments: Any, text: str = text, **options: Any) -> Any:
            raise sqlite3.OperationalError(text)

        with monkeypatch.context() as patch:
            patch.setattr(local_store.sqlite3, "connect", refuse)
            with pytest.raises(UserError, match=said) as caught:
                open_store(checkout.root)
        assert "Move" not in str(caught.value) and "elete" not in str(caught.value)


def test_a_disk_that_fills_while_a_run_is_written_is_one_sentence(
    checkout: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from sqlalchemy.orm import Session

    def refuse(self: Session) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    client = open_store(checkout.root)
    monkeypatch.setattr(Session, "commit", refuse)
    with pytest.raises(SystemExit) as ended, exit_on_user_error():
        client.create_experiment("another")
    said = capfd.readouterr().err
    assert (
        ended.value.code == 1 and "Traceback" not in said and len(said.splitlines()) == 1 and "disk is full" in said
    ), said
