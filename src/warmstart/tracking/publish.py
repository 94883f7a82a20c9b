"""Synchronising MLflow with all files of one dataset, in one process, any number of times."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from warmstart.errors import UserError
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.tracking import messages
from warmstart.tracking.dataset_runs import sync_audit, sync_comparison, sync_lesson, sync_lr_search
from warmstart.tracking.logged_model import log_package
from warmstart.tracking.run_colours import sync_colours
from warmstart.tracking.run_files import read_run_files
from warmstart.tracking.run_lock import close_killed_runs
from warmstart.tracking.saved_view import sync_views
from warmstart.tracking.store import Experiment
from warmstart.tracking.sweeps import SWEEP_FILE, sync_sweep
from warmstart.tracking.sync_run import sync_run

LESSON = "lesson"  # the folder under artifacts/<dataset>/
LR_SEARCH = "lr_find.json"


@dataclass
class PublishReport:
    """What `publish` has synchronised, by folder under ``artifacts/<dataset>/``.

    runs: MLflow run ids. models: those with a newly logged model. skipped: why a run was left out.
    """

    experiment_id: str
    runs: dict[str, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def __str__(self) -> str:
        text = messages.PUBLISHED.format(runs=len(self.runs), seconds=self.seconds, models=len(self.models))
        return text + "".join(messages.LEFT_OUT.format(folder=k, reason=why) for k, why in self.skipped.items())


def publish(root: Path, dataset: str, artifacts: Path) -> PublishReport:
    """Synchronise the store of the checkout ``root`` with ``artifacts``, the folder ``artifacts/<dataset>``.

    Runs of recipes get the tag ``current``; those by hand and of sweeps do not. The comparison, the audit and the
    lesson have runs of their own, in an experiment beside that of the trainings, which gets the views that compare
    them. A run with incomplete files is left out and named in the report. RUNNING runs whose process is gone become
    KILLED.
    """
    start = time.monotonic()
    experiment = Experiment.open(root, dataset)
    with experiment.publish_lock():
        report = PublishReport(experiment.id)
        for folder in sorted(artifacts.glob("recipes/*")):
            curves = artifacts / "report" / "curves" / f"{folder.name}.png"
            _publish_run(experiment, report, artifacts, folder / "model", current=True, curves_png=curves)
        for file in sorted(artifacts.glob("hand/**/run.json")):
            _publish_run(experiment, report, artifacts, file.parent)
        for folder in sorted(file.parent for file in artifacts.glob(f"hand/**/{LR_SEARCH}")):
            name = folder.relative_to(artifacts).as_posix()
            try:
                report.runs[name] = sync_lr_search(experiment, folder)
            except UserError as error:
                report.skipped[name] = str(error)
        parents: dict[Path, str] = {}
        for folder in sorted(file.parent for file in artifacts.glob(f"sweeps/*/{SWEEP_FILE}")):
            name = folder.relative_to(artifacts).as_posix()
            try:
                report.runs[name] = parents[folder] = sync_sweep(experiment, folder)
            except UserError as error:
                report.skipped[name] = str(error)
        for file in sorted(artifacts.glob("sweeps/**/run.json")):
            parent = next((parents[folder] for folder in file.parents if folder in parents), None)
            _publish_run(experiment, report, artifacts, file.parent, parent=parent)
        close_killed_runs(experiment)
        for name, made, sync in (
            ("report", "table.json", sync_comparison),
            ("audit", "audit.json", sync_audit),
            (LESSON, "", sync_lesson),
        ):
            if (artifacts / name / made).exists():
                report.runs[name] = sync(experiment, artifacts / name)
        sync_colours(experiment)
        sync_views(experiment)
    report.seconds = time.monotonic() - start
    return report


def publish_lesson(root: Path, dataset: str, artifacts: Path) -> str:
    """Synchronise the run of a dataset's lesson; returns its id. artifacts: as for `publish`."""
    experiment = Experiment.open(root, dataset)
    with experiment.publish_lock():
        return sync_lesson(experiment, artifacts / LESSON)


def publish_lr_search(root: Path, dataset: str, folder: Path) -> str:
    """Synchronise the run of a search for a learning rate with its folder; returns its id."""
    experiment = Experiment.open(root, dataset)
    with experiment.publish_lock():
        return sync_lr_search(experiment, folder)


def _publish_run(
    experiment: Experiment,
    report: PublishReport,
    artifacts: Path,
    model_dir: Path,
    *,
    current: bool = False,
    curves_png: Path | None = None,
    parent: str | None = None,
) -> None:
    if not (model_dir / "run.json").exists():
        return
    name = model_dir.relative_to(artifacts).as_posix()
    finished = (model_dir / "summary.json").exists()
    beside = model_dir.parent if model_dir.name == "model" else model_dir
    try:
        report.runs[name] = run_id = sync_run(
            experiment,
            model_dir,
            beside,
            curves_png=curves_png,
            status="FINISHED" if finished else None,
            current=current and finished,
            parent=parent,
        )
        if _is_evaluated(model_dir, beside) and log_package(experiment.client, run_id, beside / "evaluate" / "package"):
            report.models.append(name)
    except UserError as error:
        report.skipped[name] = str(error)


def _is_evaluated(model_dir: Path, beside: Path) -> bool:
    metrics = beside / "evaluate" / "metrics.json"
    if not metrics.exists():
        return False
    return EvaluationMetrics.read(metrics).checkpoint == read_run_files(model_dir).checkpoint_digest
