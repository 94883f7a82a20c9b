"""The comparison of the recipes as a run of its own: the page, the table, and the table's figures as metrics."""

from __future__ import annotations

import time
from pathlib import Path

from mlflow.entities import RunTag
from mlflow.tracking.client import MlflowClient

from warmstart.files import digest, read_json
from warmstart.tracking.current import make_current
from warmstart.tracking.figures import table_figures
from warmstart.tracking.level import RUN_KEY, find_run
from warmstart.tracking.metrics import put_figures
from warmstart.tracking.store import store_lock
from warmstart.tracking.uploads import folder_files, put_files

NAME = "comparison"


def level_comparison(client: MlflowClient, experiment_id: str, dataset: str, report_dir: Path) -> str:
    """Bring the comparison's run level with ``report/``; another table.json makes a new run, which is then current."""
    table = read_json(report_dir / "table.json")
    key = f"{NAME}-{digest(table)[:32]}"
    with store_lock(client):
        run = find_run(client, experiment_id, key)
        if run is None:
            now = int(time.time() * 1000)
            run = client.create_run(experiment_id, now, {RUN_KEY: key}, NAME)
        tags = {
            "recipe": NAME,
            "kind": NAME,
            "stage": "compare",
            "dataset": dataset,
            "mlflow.source.name": "pipelines/compare.py",
            "mlflow.source.type": "LOCAL",
        }
        new = [RunTag(name, value) for name, value in tags.items() if run.data.tags.get(name) != value]
        if new:
            client.log_batch(run.info.run_id, tags=new)
        put_figures(client, run, table_figures(table), run.info.start_time)
        put_files(client, run, "report", folder_files(report_dir))
        if run.info.status != "FINISHED":
            client.set_terminated(run.info.run_id, "FINISHED", run.info.start_time)
        make_current(client, experiment_id, run.info.run_id, NAME)
    return str(run.info.run_id)
