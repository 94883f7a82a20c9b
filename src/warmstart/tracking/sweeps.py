"""A sweep is one parent run; its trials are runs of their own that name it as their parent."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from warmstart.files.plain import read_json, write_json
from warmstart.tracking.alive import Alive, close_dead
from warmstart.tracking.live import Ending

if TYPE_CHECKING:
    from mlflow.tracking.client import MlflowClient

SWEEP_FILE = "sweep.json"
_logger = logging.getLogger(__name__)
_alive: dict[Path, Alive] = {}  # of the sweeps that this process runs, by their folder


def start_sweep(root: Path, dataset: str, directory: Path, overrides: Sequence[str]) -> str | None:
    """Write ``directory/sweep.json`` and make the parent run. Returns its MLflow id.

    None, with a warning, when MLflow cannot be written: `publish` makes the parent from the file afterwards.
    """
    sweep = {
        "key": uuid4().hex,
        "stamp": directory.name,
        "overrides": list(overrides),
        "created": time.time(),
        "status": "RUNNING",
        "ended": None,
    }
    _alive[directory] = Alive(root, str(sweep["key"]))
    write_json(directory / SWEEP_FILE, sweep)
    return _level(root, dataset, directory)


def end_sweep(root: Path, dataset: str, directory: Path, status: Ending = "finished") -> str | None:
    """Note in sweep.json how the sweep ended, and close the parent run; a second call changes nothing."""
    if not (directory / SWEEP_FILE).exists():  # interrupted before it was written
        return None
    sweep = read_json(directory / SWEEP_FILE)
    if sweep.get("ended") is None:
        write_json(directory / SWEEP_FILE, {**sweep, "status": status.upper(), "ended": time.time()})
    try:
        return _level(root, dataset, directory)
    finally:
        if alive := _alive.pop(directory, None):
            alive.end()


def level_sweep(client: MlflowClient, experiment_id: str, directory: Path) -> str:
    """Bring the parent run level with ``directory/sweep.json``; it is made when missing. Returns its MLflow id."""
    from mlflow.entities import RunTag

    from warmstart.tracking.level import RUN_KEY, find_run
    from warmstart.tracking.store import store_lock

    sweep = read_json(directory / SWEEP_FILE, "key", "stamp", "created", "overrides")
    with store_lock(client):
        run = find_run(client, experiment_id, sweep["key"])
        if run is None:
            name = f"sweep {sweep['stamp']}"
            run = client.create_run(experiment_id, int(sweep["created"] * 1000), {RUN_KEY: sweep["key"]}, name)
        tags = {"recipe": "sweep", "kind": "sweep", "sweep.overrides": " ".join(sweep["overrides"])}
        new = [RunTag(key, value) for key, value in tags.items() if run.data.tags.get(key) != value]
        if new:
            client.log_batch(run.info.run_id, tags=new)
        # A sweep that was killed never wrote its end: `close_dead` ends it.
        status, ended = sweep.get("status", "RUNNING"), sweep.get("ended")
        if ended is not None and (run.info.status, run.info.end_time) != (status, int(ended * 1000)):
            client.set_terminated(run.info.run_id, status, int(ended * 1000))
    return str(run.info.run_id)


def _level(root: Path, dataset: str, directory: Path) -> str | None:
    try:
        from warmstart.tracking.store import experiment, open_store

        client = open_store(root)
        run_id = level_sweep(client, experiment_id := experiment(client, dataset), directory)
        close_dead(client, experiment_id, root)
        return run_id
    except Exception as error:
        _logger.warning("The sweep is not in MLflow (%s). `python pipelines/publish.py` will put it there.", error)
        return None
