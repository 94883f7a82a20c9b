"""What is no training, as runs of an experiment beside that of a dataset's trainings: the comparison, the audit, the
lesson, and searches for a learning rate.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from warmstart.files.digest import digest
from warmstart.files.plain import read_json
from warmstart.records.audit import AuditReport
from warmstart.records.comparison import ComparisonTable
from warmstart.records.lr_find import LRSearch
from warmstart.tracking.final_metrics import audit_metrics, comparison_metrics, lesson_metrics, lr_search_metrics
from warmstart.tracking.run_logger import RunLogger, folder_files, named_files
from warmstart.tracking.store import Experiment


def sync_comparison(experiment: Experiment, report_dir: Path) -> str:
    """Synchronise the run of the comparison with ``report/``. Another table.json is a new run, then current."""
    table = report_dir / "table.json"
    metrics = comparison_metrics(ComparisonTable.read(table))
    files = {"report": folder_files(report_dir)}
    return _sync(experiment, "comparison", "compare", digest(read_json(table)), metrics, files)


def sync_audit(experiment: Experiment, audit_dir: Path) -> str:
    """Synchronise the run of the audit with ``audit/``: page, pictures, and counts as metrics. One run a dataset."""
    metrics = audit_metrics(AuditReport.read(audit_dir / "audit.json"))
    files = {"audit": folder_files(audit_dir)}
    return _sync(experiment, "audit", "audit", digest(experiment.dataset), metrics, files)


def sync_lesson(experiment: Experiment, lesson_dir: Path) -> str:
    """Synchronise the run of the lesson with ``lesson/``: pictures, page, and numbers of JSON files. One
    run a dataset.
    """
    parts = [part for part in sorted(lesson_dir.iterdir()) if part.is_dir() and not part.name.startswith(".")]
    files = {f"lesson/{part.name}": folder_files(part) for part in parts}
    files["page"] = named_files(lesson_dir, "index.html")
    return _sync(experiment, "lesson", "lesson", digest(experiment.dataset), lesson_metrics(lesson_dir), files)


def sync_lr_search(experiment: Experiment, folder: Path) -> str:
    """Synchronise the run of a search for a learning rate with ``folder``: picture, record, and the rates that follow.

    Equal searches are one run.
    """
    record = folder / "lr_find.json"
    search = LRSearch.read(record)
    files = {"lr_find": folder_files(folder)}
    metrics, identity = lr_search_metrics(search), digest(read_json(record))
    return _sync(experiment, f"lr_find-{search.recipe}", "lr_find", identity, metrics, files)


def _sync(
    experiment: Experiment,
    name: str,
    stage: str,
    identity: str,
    metrics: Mapping[str, float],
    artifacts: Mapping[str, dict[str, Path]],
) -> str:
    """identity: the sha256 by which the run is found. artifacts: folder in MLflow → files."""
    tags = {
        "recipe": name,
        "kind": name,
        "stage": stage,
        "dataset": experiment.dataset,
        "mlflow.source.name": f"pipelines/{stage}.py",
        "mlflow.source.type": "LOCAL",
    }
    experiment = experiment.beside()
    with experiment.lock():
        logger = RunLogger(experiment, f"{name}-{identity[:32]}", name, int(time.time() * 1000))
        logger.set_tags(tags)
        logger.log_final_metrics(metrics, logger.run.info.start_time)
        for folder, files in artifacts.items():
            logger.sync_artifacts(folder, files)
        logger.end("FINISHED", logger.run.info.start_time)
        logger.set_current(name)
    return logger.id
