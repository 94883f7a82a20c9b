"""What is no recipe's and yet belongs to a dataset's experiment, as runs of their own: the comparison, the audit, the lesson."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlflow.entities import RunTag
from mlflow.tracking.client import MlflowClient

from warmstart.digest import digest
from warmstart.files import read_json
from warmstart.tracking.artifacts import folder_files, sync_artifacts
from warmstart.tracking.current_tag import set_current
from warmstart.tracking.final_metrics import audit_metrics, comparison_metrics, lesson_metrics
from warmstart.tracking.log_metrics import log_final_metrics
from warmstart.tracking.store import store_lock
from warmstart.tracking.sync_run import RUN_KEY, find_run


def sync_comparison(client: MlflowClient, experiment_id: str, dataset: str, report_dir: Path) -> str:
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
        figures=comparison_metrics(table),
    )


def sync_audit(client: MlflowClient, experiment_id: str, dataset: str, audit_dir: Path) -> str:
    """Bring the audit's run level with ``audit/``: its page, its pictures, and its counts as figures. One run a dataset."""
    return _level_view(
        client,
        experiment_id,
        dataset,
        "audit",
        digest(dataset),
        stage="audit",
        files={"audit": audit_dir},
        figures=audit_metrics(read_json(audit_dir / "audit.json", "findings", "counts")),
    )


def sync_lesson(client: MlflowClient, experiment_id: str, dataset: str, lesson_dir: Path) -> str:
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
        figures=lesson_metrics(lesson_dir),
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
        log_final_metrics(client, run, figures, run.info.start_time)
        for place, folder in files.items():
            sync_artifacts(client, run, place, folder_files(folder))
        if page is not None and page.exists():
            sync_artifacts(client, run, "page", {page.name: page})
        if run.info.status != "FINISHED":
            client.set_terminated(run.info.run_id, "FINISHED", run.info.start_time)
        set_current(client, experiment_id, run.info.run_id, name)
    return str(run.info.run_id)
