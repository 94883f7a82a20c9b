"""Synchronising an MLflow run with the files of one training: the only way in which runs of trainings are written."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TypeVar

from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.interpretation import InterpretationSummary
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.records.robustness import Robustness
from warmstart.records.run_identity import RunStatus
from warmstart.tracking import messages
from warmstart.tracking.final_metrics import (
    evaluation_metrics,
    interpretation_metrics,
    prediction_metrics,
    robustness_metrics,
    training_metrics,
)
from warmstart.tracking.params import to_params
from warmstart.tracking.run_files import RunFiles, read_run_files
from warmstart.tracking.run_logger import RunLogger, folder_files, named_files
from warmstart.tracking.store import Experiment

TRACKER_TAG = "warmstart.tracker"
_log = logging.getLogger(__name__)


def sync_run(
    experiment: Experiment,
    model_dir: Path,
    results_dir: Path | None = None,
    *,
    curves_png: Path | None = None,
    status: RunStatus | None = None,
    current: bool = False,
    parent: str | None = None,
    tracker: int | None = None,
) -> str:
    """Write to MLflow what the files have and the run lacks; doing it again changes nothing. Returns the run id.

    The run is found by the run key in ``model_dir/run.json`` and created when there is none. Evaluation and
    interpretation of another training are left out.

    Args:
        results_dir: the folder with ``evaluate/`` and ``interpret/``, where they were made.
        curves_png: the picture of the recipe's curves.
        status: the run's status; None leaves it, and gives a new run FINISHED with a summary.json and KILLED without.
        current: whether to make it its recipe's current run; False leaves the tag.
        parent: the id of the parent run; None takes the one in run.json.
        tracker: start (ns) of the process that logs this run live. A status from an older one than the last is ignored.

    Raises:
        UserError: run.json is missing or incomplete.
    """
    files = read_run_files(model_dir)
    identity = files.identity
    evaluate_dir, interpret_dir = ((results_dir or model_dir) / name for name in ("evaluate", "interpret"))
    evaluation = _read_result(EvaluationMetrics, evaluate_dir / "metrics.json", files)
    speed = PredictionSpeed.read(evaluate_dir / "speed.json") if evaluation else None
    corrupted = evaluate_dir / "robustness.json"
    robustness = Robustness.read(corrupted) if evaluation and corrupted.exists() else None
    interpretation = _read_result(InterpretationSummary, interpret_dir / "summary.json", files)
    with experiment.lock():
        logger = RunLogger(experiment, identity.run_key, identity.recipe, files.started)
        if logger.is_new:
            status = status or ("FINISHED" if files.summary else "KILLED")
        logger.log_history(files.history)
        logger.log_steps(files.steps, files.history)
        metrics = training_metrics(files.summary) if files.summary else {}
        metrics |= evaluation_metrics(evaluation) if evaluation else {}
        metrics |= prediction_metrics(speed, evaluate_dir / "package") if speed else {}
        metrics |= robustness_metrics(robustness) if robustness else {}
        metrics |= interpretation_metrics(interpretation) if interpretation else {}
        logger.log_final_metrics(metrics, files.ended)
        logger.log_params(to_params(files.config))
        logger.set_tags(_tags(files, parent))
        if interpretation and interpretation.scores:
            logger.set_tags({"cam.verdict": interpretation.scores.verdict})
        logger.log_dataset(identity.dataset, identity.dataset_digest)

        logger.sync_artifacts("config", named_files(model_dir, "config.yaml"))
        logger.sync_artifacts("network", named_files(model_dir, "layers.txt", "layers.json"))
        if files.summary:  # the history has stopped growing
            logger.sync_artifacts("training", named_files(model_dir, "history.csv", "steps.csv", "summary.json"))
            if curves_png:
                logger.sync_artifacts("curves", named_files(curves_png.parent, curves_png.name))
        if evaluation:
            logger.sync_artifacts("evaluate", folder_files(evaluate_dir, (".npy", "package")))
        if interpretation:
            logger.sync_artifacts("interpret", folder_files(interpret_dir, (".npz", ".npy")))

        if status:
            _set_status(logger, status, files, tracker)
        if current:
            logger.set_current(identity.recipe)
    return logger.id


def _tags(files: RunFiles, parent: str | None) -> dict[str, str]:
    run, summary = files.identity, files.summary
    starts_from = summary.starts_from if summary else run.starts_from
    tags: dict[str, str | None] = {
        "recipe": run.recipe,
        "family": run.family,
        "dataset": run.dataset,
        "dataset.digest": run.dataset_digest,
        "stage": run.stage,
        "kind": run.kind,
        "precision": summary.precision if summary else None,
        "device": summary.device if summary else None,
        "starts_from": (starts_from.recipe or starts_from.checkpoint) if starts_from else None,
        "mlflow.parentRunId": parent or run.parent,
        "mlflow.source.git.commit": run.git_commit,
        "mlflow.source.name": f"pipelines/{run.stage}.py",
        "mlflow.source.type": "LOCAL",
        "mlflow.note.content": messages.NOTE.format(recipe=run.recipe, family=run.family, dataset=run.dataset),
    }
    return {key: value for key, value in tags.items() if value is not None}


def _set_status(logger: RunLogger, status: RunStatus, files: RunFiles, tracker: int | None) -> None:
    if tracker is not None:
        last = int(logger.run.data.tags.get(TRACKER_TAG, "0"))
        if tracker < last:
            return
        logger.set_tags({TRACKER_TAG: str(tracker)})
    changed = logger.run.info.status != status
    if status == "RUNNING":
        if changed:
            logger.client.update_run(logger.id, status)
    elif changed or status == "FINISHED":
        logger.end(status, files.ended if files.summary or files.history else int(time.time() * 1000))


Result = TypeVar("Result", EvaluationMetrics, InterpretationSummary)


def _read_result(kind: type[Result], path: Path, files: RunFiles) -> Result | None:
    """The record of a stage, or None when there is none or it is about another training."""
    if not path.exists():
        return None
    result = kind.read(path)
    if result.checkpoint != files.checkpoint_digest:
        _log.warning(messages.OTHER_TRAINING.format(folder=path.parent))
        return None
    return result
