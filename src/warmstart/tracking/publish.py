"""Bringing MLflow level with everything that one dataset's files tell, in one process, any number of times."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock
from mlflow.tracking.client import MlflowClient

from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.tracking.alive import close_dead
from warmstart.tracking.level import level_run
from warmstart.tracking.package import put_package
from warmstart.tracking.run_files import kept_digest
from warmstart.tracking.store import experiment, open_store, store_folder
from warmstart.tracking.sweeps import SWEEP_FILE, level_sweep
from warmstart.tracking.views import level_audit, level_comparison, level_lesson

_log = logging.getLogger(__name__)
LESSON = "lesson"  # the folder under artifacts/<dataset>/


@dataclass
class PublishReport:
    """What `publish` brought level: run ids by place under ``artifacts/<dataset>/``, and what it had to leave out."""

    experiment_id: str
    runs: dict[str, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def __str__(self) -> str:
        text = f"MLflow is up to date: {len(self.runs)} runs in {self.seconds:.1f} s ({len(self.models)} new models)"
        return text + "".join(f"\n  left out {place}: {reason}" for place, reason in self.skipped.items())


def publish(root: Path, dataset: str, artifacts: Path) -> PublishReport:
    """Bring the store of the checkout ``root`` level with ``artifacts``, the folder ``artifacts/<dataset>``.

    Recipes get the tag ``current``; runs by hand and of sweeps do not; parents of sweeps are made from sweep.json; the
    comparison and the audit have runs of their own, and so has the lesson where some of it was made. A run whose files are incomplete
    is left out and named in the report. What MLflow calls RUNNING, and whose process is gone, becomes KILLED.
    """
    start = time.monotonic()
    client = open_store(root)
    with FileLock(store_folder(client) / ".publish.lock", timeout=600):
        report = PublishReport(experiment(client, dataset))
        for folder in sorted(artifacts.glob("recipes/*")):
            curves = artifacts / "report" / "curves" / f"{folder.name}.png"
            _publish_run(client, report, artifacts, folder / "model", current=True, curves=curves)
        for file in sorted(artifacts.glob("hand/**/run.json")):
            _publish_run(client, report, artifacts, file.parent)
        parents = {
            file.parent: level_sweep(client, report.experiment_id, file.parent)
            for file in sorted(artifacts.glob(f"sweeps/*/{SWEEP_FILE}"))
        }
        report.runs |= {folder.relative_to(artifacts).as_posix(): run_id for folder, run_id in parents.items()}
        for file in sorted(artifacts.glob("sweeps/**/run.json")):
            parent = next((parents[folder] for folder in file.parents if folder in parents), None)
            _publish_run(client, report, artifacts, file.parent, parent=parent)
        close_dead(client, report.experiment_id, root)
        if (artifacts / "report" / "table.json").exists():
            run_id = level_comparison(client, report.experiment_id, dataset, artifacts / "report")
            report.runs["report"] = run_id
        if (artifacts / "audit" / "audit.json").exists():
            report.runs["audit"] = level_audit(client, report.experiment_id, dataset, artifacts / "audit")
        if (artifacts / LESSON).is_dir():
            report.runs[LESSON] = level_lesson(client, report.experiment_id, dataset, artifacts / LESSON)
    report.seconds = time.monotonic() - start
    return report


def publish_lesson(root: Path, dataset: str, artifacts: Path) -> str:
    """Bring the run of a dataset's lesson pictures level with ``artifacts/lesson``; returns its id.

    artifacts: the folder ``artifacts/<dataset>`` of the checkout ``root``.
    """
    client = open_store(root)
    with FileLock(store_folder(client) / ".publish.lock", timeout=600):
        return level_lesson(client, experiment(client, dataset), dataset, artifacts / LESSON)


def _publish_run(
    client: MlflowClient,
    report: PublishReport,
    artifacts: Path,
    model_dir: Path,
    *,
    current: bool | None = None,
    curves: Path | None = None,
    parent: str | None = None,
) -> None:
    place = model_dir.relative_to(artifacts).as_posix()
    if not (model_dir / "run.json").exists():
        return
    try:
        finished = (model_dir / "summary.json").exists()
        beside = model_dir.parent if model_dir.name == "model" else model_dir
        report.runs[place] = run_id = level_run(
            client,
            report.experiment_id,
            model_dir,
            evaluate_dir=beside / "evaluate",
            interpret_dir=beside / "interpret",
            curves_png=curves,
            status="FINISHED" if finished else None,
            current=True if current and finished else None,
            parent=parent,
        )
        if _is_for(model_dir, beside / "evaluate") and put_package(client, run_id, beside / "evaluate" / "package"):
            report.models.append(place)
    except UserError as error:
        report.skipped[place] = str(error)


def _is_for(model_dir: Path, evaluate_dir: Path) -> bool:
    """Whether the evaluation is of this very training, as far as it says."""
    metrics = evaluate_dir / "metrics.json"
    if not metrics.exists():
        return False
    return bool(read_json(metrics).get("checkpoint") in (None, kept_digest(model_dir)))
