"""What is no recipe's and yet belongs to a dataset's experiment, as runs of their own: the comparison, the audit, the lesson."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlflow.entities import RunTag
from mlflow.tracking.client import MlflowClient

from warmstart.files.digest import digest
from warmstart.files.plain import read_json
from warmstart.tracking.current import make_current
from warmstart.tracking.figures import audit_figures, lesson_figures, table_figures
from warmstart.tracking.level import RUN_KEY, find_run
from warmstart.tracking.metrics import put_figures
from warmstart.tracking.store import store_lock
from warmstart.tracking.uploads import folder_files, put_files


def level_comparison(client: MlflowClient, experiment_id: str, dataset: str, report_dir: Path) -> str:
    """Bring the comparison's run level with ``report/``; another table.json makes a new run, which is then current."""
    table = read_json(report_dir / "table.json", "rows")
    return _level_view(
        client,
        experiment_id,
        dataset,
        "comparison",
        digest(table),
        stage="compare",
        files={"report": report_dir},
        figures=table_figures(table),
    )


def level_audit(client: MlflowClient, experiment_id: str, dataset: str, audit_dir: Path) -> str:
    """Bring the audit's run level with ``audit/``: its page, its pictures, and its counts as figures. One run a dataset."""
    return _level_view(
        client,
        experiment_id,
        dataset,
        "audit",
        digest(dataset),
        stage="audit",
        files={"audit": audit_dir},
        figures=audit_figures(read_json(audit_dir / "audit.json", "findings", "counts")),
    )


def level_lesson(client: MlflowClient, experiment_id: str, dataset: str, lesson_dir: Path) -> str:
    """Bring the lesson's run level with ``lesson/``: its pictures by folder, its page, and what its JSON files tell in figures.

    One run a dataset, whatever part of the lesson is made anew.
    """
    parts = {
        f"lesson/{part.name}": part
        for part in sorted(lesson_dir.iterdir())
        if part.is_dir() and not part.name.startswith(".")
    }
    return _level_view(
        client,
        experiment_id,
        dataset,
        "lesson",
        digest(dataset),
        stage="lesson",
        files=parts,
        figures=lesson_figures(lesson_dir),
        page=lesson_dir / "index.html",
    )


def _level_view(
    client: MlflowClient,
    experiment_id: str,
    dataset: str,
    name: str,
    content: str,
    *,
    stage: str,
    files: Mapping[str, Path],
    figures: Mapping[str, float],
    page: Path | None = None,
) -> str:
    key = f"{name}-{content[:32]}"
    with store_lock(client):
        run = find_run(client, experiment_id, key)
        if run is None:
            now = int(time.time() * 1000)
            run = client.create_run(experiment_id, now, {RUN_KEY: key}, name)
        tags: dict[str, Any] = {
            "recipe": name,
            "kind": name,
            "stage": stage,
            "dataset": dataset,
            "mlflow.source.name": f"pipelines/{stage}.py",
            "mlflow.source.type": "LOCAL",
        }
        new = [RunTag(tag, value) for tag, value in tags.items() if run.data.tags.get(tag) != value]
        if new:
            client.log_batch(run.info.run_id, tags=new)
        put_figures(client, run, figures, run.info.start_time)
        for place, folder in files.items():
            put_files(client, run, place, folder_files(folder))
        if page is not None and page.exists():
            put_files(client, run, "page", {page.name: page})
        if run.info.status != "FINISHED":
            client.set_terminated(run.info.run_id, "FINISHED", run.info.start_time)
        make_current(client, experiment_id, run.info.run_id, name)
    return str(run.info.run_id)
