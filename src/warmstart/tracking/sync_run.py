"""Synchronising an MLflow run with the files of one training: the only way in which runs of trainings are written."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from warmstart.files.plain import read_json
from warmstart.tracking import messages
from warmstart.tracking.final_metrics import evaluation_metrics, interpretation_metrics, training_metrics
from warmstart.tracking.params import to_params
from warmstart.tracking.run_files import RunFiles, checkpoint_digest, read_run_files
from warmstart.tracking.run_logger import RunLogger, folder_files, named_files
from warmstart.tracking.store import Experiment

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]

TRACKER_TAG = "warmstart.tracker"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Results:
    """What other stages made of the same recipe, each None where there is none: two folders, and a picture."""

    evaluate_dir: Path | None = None
    interpret_dir: Path | None = None
    curves_png: Path | None = None


def sync_run(
    experiment: Experiment,
    model_dir: Path,
    results: Results = Results(),
    *,
    status: Status | None = None,
    current: bool | None = None,
    parent: str | None = None,
    tracker: int | None = None,
) -> str:
    """Write to MLflow what the files have and the run lacks; doing it again changes nothing.

    The run is found by the run key in ``model_dir/run.json`` and created when there is none, so it survives a deleted
    ``mlruns/``. Evaluation and interpretation of another training are left out.

    Args:
        status: the run's status; None leaves it, and gives a new run FINISHED with a summary.json and KILLED without.
        current: whether this is its recipe's current run ; None leaves the tag.
        parent: the id of the parent run; None takes the one in run.json.
        tracker: start (ns) of the process that logs this run live. A status from an older tracker than the run's last
            one is ignored: a successor has taken over.

    Returns:
        The MLflow run id.

    Raises:
        UserError: run.json is missing or incomplete.
    """
    files = read_run_files(model_dir)
    with experiment.lock():
        logger = RunLogger(experiment, files.key, str(files.run["recipe"]), files.started)
        if logger.is_new:
            status = status or ("FINISHED" if files.summary else "KILLED")
        checkpoint = checkpoint_digest(model_dir)
        evaluation = _of_training(results.evaluate_dir, "metrics.json", checkpoint)
        interpretation = _of_training(results.interpret_dir, "summary.json", checkpoint)

        logger.log_history(files.history)
        for metrics in (
            training_metrics(files.summary or {}),
            evaluation_metrics(evaluation or {}),
            interpretation_metrics(interpretation or {}),
        ):
            logger.log_final_metrics(metrics, files.ended)
        logger.log_params(to_params(files.config))
        logger.set_tags(_tags(files, parent) | _verdict(interpretation))
        if files.run.get("dataset_digest"):
            logger.log_dataset(str(files.run["dataset"]), str(files.run["dataset_digest"]))

        logger.sync_artifacts("config", named_files(model_dir, "config.yaml"))
        logger.sync_artifacts("network", named_files(model_dir, "layers.txt", "layers.json"))
        if files.summary is not None:  # the history has stopped growing
            logger.sync_artifacts("training", named_files(model_dir, "history.csv", "summary.json"))
            if results.curves_png:
                logger.sync_artifacts("curves", named_files(results.curves_png.parent, results.curves_png.name))
        if evaluation is not None:
            logger.sync_artifacts("evaluate", folder_files(results.evaluate_dir, (".npy", "package")))
        if interpretation is not None:
            logger.sync_artifacts("interpret", folder_files(results.interpret_dir, (".npz", ".npy")))

        if status:
            _set_status(logger, status, files, tracker)
        if current is not None:
            logger.set_current(str(files.run["recipe"]), current)
    return logger.id


def _tags(files: RunFiles, parent: str | None) -> dict[str, str]:
    run, summary = files.run, files.summary or {}
    starts_from = summary.get("starts_from") or run.get("starts_from")
    if isinstance(starts_from, Mapping):
        starts_from = starts_from.get("recipe") or starts_from.get("checkpoint")
    family = run.get("family") or summary.get("family")
    tags = {
        "recipe": run["recipe"],
        "family": family,
        "dataset": run["dataset"],
        "dataset.digest": run.get("dataset_digest"),
        "stage": run.get("stage"),
        "kind": run.get("kind"),
        "precision": summary.get("precision"),
        "device": summary.get("device"),
        "starts_from": starts_from,
        "mlflow.parentRunId": parent or run.get("parent"),
        "mlflow.source.git.commit": run.get("git_commit"),
        "mlflow.source.name": f"pipelines/{run['stage']}.py" if run.get("stage") else None,
        "mlflow.source.type": "LOCAL",
        "mlflow.note.content": messages.NOTE.format(recipe=run["recipe"], family=family, dataset=run["dataset"]),
    }
    return {key: str(value) for key, value in tags.items() if value is not None}


def _verdict(interpretation: Mapping[str, Any] | None) -> dict[str, str]:
    """Whether the run's class activation maps may be trusted, in words."""
    scores = (interpretation or {}).get("scores")
    return {"cam.verdict": str(scores["verdict"])} if scores else {}


def _set_status(logger: RunLogger, status: Status, files: RunFiles, tracker: int | None) -> None:
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


def _of_training(folder: Path | None, name: str, checkpoint: str | None) -> dict[str, Any] | None:
    """The JSON file of a stage's folder, or None when there is none or it is about another training."""
    if folder is None or not (folder / name).exists():
        return None
    content: dict[str, Any] = read_json(folder / name)
    if content.get("checkpoint") not in (None, checkpoint):
        _log.warning(messages.OTHER_TRAINING.format(folder=folder))
        return None
    return content
