"""The store: safe when several processes make it at once, silent on the network, right after a move."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from warmstart.errors import UserError
from warmstart.tracking.publish import publish
from warmstart.tracking.store import get_experiment_id, open_store

# Whatever MLflow says to another machine, or leaves running to say it later, is an error here.
OPENING = """
import pathlib, socket, sys, threading
def connect(self, address):
    print("connects to", address, file=sys.stderr)
    sys.exit(9)
socket.socket.connect = socket.socket.connect_ex = connect
from warmstart.tracking.store import get_experiment_id, open_store
client = open_store(pathlib.Path(sys.argv[1]))
run = client.create_run(get_experiment_id(client, "critters"))
client.log_metric(run.info.run_id, "val/acc", 0.5, step=0)
from mlflow.telemetry import get_telemetry_client
assert get_telemetry_client() is None, "telemetry is on"
assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
"""


def test_four_processes_may_make_the_store_at_once(tmp_path: Path, child_environment: dict[str, str]) -> None:
    testing = ("PYTEST_CURRENT_TEST", "CI", "GITHUB_ACTIONS", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    environment = {key: value for key, value in child_environment.items() if key not in testing}
    environment["HOME"] = str(tmp_path / "home")
    root = tmp_path / "root"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENING, str(root)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    assert all(out == b"" and b"INFO" not in err for out, err in outputs), outputs
    client = open_store(root)
    assert len(client.search_runs([get_experiment_id(client, "critters")])) == 4
    left = {path.name for path in (root / "mlruns").iterdir()} - {"mlflow.db-wal", "mlflow.db-shm"}
    assert left == {"mlflow.db", ".store.lock"}
    with sqlite3.connect(root / "mlruns" / "mlflow.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert not (tmp_path / "home").exists()


def test_importing_the_room_does_not_import_mlflow(child_environment: dict[str, str]) -> None:
    code = (
        "import sys, warmstart.tracking.live, warmstart.tracking.sweeps, warmstart.tracking.pages\n"
        "sys.exit(bool({'mlflow', 'torch', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], env=child_environment, check=False).returncode == 0


def test_a_deleted_experiment_is_restored(checkout: Any) -> None:
    client = open_store(checkout.root)
    first = get_experiment_id(client, "critters")
    client.delete_experiment(first)
    assert get_experiment_id(client, "critters") == first
    assert client.get_experiment(first).lifecycle_stage == "active"


def test_artifacts_lie_in_the_checkout_wherever_it_was_made(checkout: Any, tmp_path: Path) -> None:
    client = open_store(checkout.root)
    found = client.get_experiment(get_experiment_id(client, "critters"))
    assert found.artifact_location == str(checkout.root / "mlruns" / "artifacts" / "critters")


def test_a_moved_checkout_writes_to_its_new_place(checkout: Any, tmp_path: Path) -> None:
    checkout.recipe("scratch")
    run_id = publish(checkout.root, "critters", checkout.folder).runs["recipes/scratch/model"]
    moved = tmp_path / "moved"
    shutil.move(checkout.root, moved)
    (moved / "artifacts" / "critters" / "recipes" / "scratch" / "interpret" / "new.png").write_bytes(b"png")
    assert publish(moved, "critters", moved / "artifacts" / "critters").runs["recipes/scratch/model"] == run_id
    folder = Path(open_store(moved).get_run(run_id).info.artifact_uri)
    assert folder.is_relative_to(moved)
    assert (folder / "interpret" / "new.png").exists()
    assert not checkout.root.exists()


def test_a_database_of_another_mlflow_version_says_what_to_do(checkout: Any) -> None:
    with sqlite3.connect(checkout.root / "mlruns" / "mlflow.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    with pytest.raises(UserError, match=r"keep a copy of .*mlflow db upgrade") as caught:
        open_store(checkout.root)
    assert "delete" not in str(caught.value), "a whole database can be brought up to date"
