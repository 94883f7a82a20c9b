"""Bringing one MLflow run level with the files of one training: the only way in which runs are written."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from mlflow.entities import Dataset, DatasetInput, InputTag, Param, Run, RunTag, ViewType
from mlflow.tracking.client import MlflowClient

from warmstart.files.plain import read_json
from warmstart.tracking.current import drop_current, make_current
from warmstart.tracking.figures import evaluation_figures, interpretation_figures, training_figures
from warmstart.tracking.metrics import put_figures, put_history
from warmstart.tracking.params import flatten
from warmstart.tracking.run_files import RUN_KEY as RUN_KEY
from warmstart.tracking.run_files import RunFiles, kept_digest, read_run_files
from warmstart.tracking.store import store_lock
from warmstart.tracking.uploads import folder_files, put_files

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]

TRACKER = "warmstart.tracker"
_DIGEST_CHARACTERS = 36  # MLflow's limit
_BATCH = 100  # MLflow's limit of parameters and of tags a call
_log = logging.getLogger(__name__)


def level_run(
    client: MlflowClient,
    experiment_id: str,
    model_dir: Path,
    *,
    evaluate_dir: Path | None = None,
    interpret_dir: Path | None = None,
    curves_png: Path | None = None,
    status: Status | None = None,
    current: bool | None = None,
    parent: str | None = None,
    tracker: int | None = None,
) -> str:
    """Write to MLflow whatever the files have and the run has not; doing it again changes nothing.

    The run is found by the run key in ``model_dir/run.json`` and made when there is none, so it survives a deleted
    ``mlruns/``. Evaluation and interpretation that carry another run's key are left out.

    Args:
        status: the run's status; None leaves it, and makes a new run FINISHED with a summary.json and KILLED without.
        current: whether this is its recipe's current run (`warmstart.tracking.current`); None leaves the tag.
        parent: the id of the parent run; None takes the one in run.json.
        tracker: start (ns) of the process that logs this run live. A KILLED from an older tracker than the run's
            last one is ignored: a successor has taken over.

    Returns:
        The MLflow run id.

    Raises:
        UserError: run.json is missing or incomplete.
    """
    files = read_run_files(model_dir)
    with store_lock(client):
        run = find_run(client, experiment_id, files.key)
        if run is None:
            status = status or ("FINISHED" if files.summary else "KILLED")
            run = client.create_run(experiment_id, files.started, {RUN_KEY: files.key}, str(files.run["recipe"]))
        run_id = str(run.info.run_id)
        checkpoint = kept_digest(model_dir)
        metrics = _of_run(evaluate_dir, "metrics.json", checkpoint)
        pictures = _of_run(interpret_dir, "summary.json", checkpoint)

        put_history(client, run, files.history)
        put_figures(client, run, training_figures(files.summary or {}), files.ended)
        put_figures(client, run, evaluation_figures(metrics or {}), files.ended)
        put_figures(client, run, interpretation_figures(pictures or {}), files.ended)
        _put_params(client, run, flatten(files.config))
        _put_tags(client, run, _tags(files, parent) | _verdict(pictures))
        _put_dataset(client, run, files)

        put_files(client, run, "config", _existing(model_dir, "config.yaml"))
        put_files(client, run, "network", _existing(model_dir, "layers.txt", "layers.json"))
        if files.summary is not None:  # not while the history grows
            put_files(client, run, "training", _existing(model_dir, "history.csv", "summary.json"))
        if curves_png is not None and files.summary is not None:
            put_files(client, run, "curves", _existing(curves_png.parent, curves_png.name))
        if metrics is not None:
            put_files(client, run, "evaluate", folder_files(evaluate_dir, (".npy", "package")))
        if pictures is not None:
            put_files(client, run, "interpret", folder_files(interpret_dir, (".npz", ".npy")))

        _put_status(client, run, status, files, tracker)
        if current:
            make_current(client, experiment_id, run_id, str(files.run["recipe"]))
        elif current is False:
            drop_current(client, run_id)
    return run_id


def find_run(client: MlflowClient, experiment_id: str, key: str) -> Run | None:
    """The run with this run key, or None; the oldest when a person copied one. Deleted runs do not count."""
    found = client.search_runs(
        [experiment_id], f"tags.`{RUN_KEY}` = '{key}'", ViewType.ACTIVE_ONLY, 1, ["attributes.start_time ASC"]
    )
    return client.get_run(found[0].info.run_id) if found else None


def _put_params(client: MlflowClient, run: Run, params: Mapping[str, str]) -> None:
    there = run.data.params
    changed = [key for key, value in params.items() if key in there and there[key] != value]
    if changed:
        _log.warning(
            "MLflow run %s keeps its first value of %s, as MLflow parameters do; its config.yaml is right.",
            run.info.run_id,
            ", ".join(changed),
        )
    new = [Param(key, value) for key, value in params.items() if key not in there]
    for start in range(0, len(new), _BATCH):
        client.log_batch(run.info.run_id, params=new[start : start + _BATCH])


def _put_tags(client: MlflowClient, run: Run, tags: Mapping[str, str]) -> None:
    there = run.data.tags
    new = [
        RunTag(key, value)
        for key, value in tags.items()
        if there.get(key) != value and not (key == "mlflow.note.content" and key in there)  # a person may edit the note
    ]
    if new:
        client.log_batch(run.info.run_id, tags=new)


def _tags(files: RunFiles, parent: str | None) -> dict[str, str]:
    run, summary = files.run, files.summary or {}
    starts_from = summary.get("starts_from") or run.get("starts_from")
    if isinstance(starts_from, Mapping):
        starts_from = starts_from.get("recipe") or starts_from.get("checkpoint")
    family = run.get("family") or summary.get("family")
    tags: dict[str, Any] = {
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
        "mlflow.note.content": f"Recipe `{run['recipe']}`"
        + (f" ({family})" if family else "")
        + f" on {run['dataset']}.",
    }
    return {key: str(value) for key, value in tags.items() if value is not None}


def _verdict(pictures: Mapping[str, Any] | None) -> dict[str, str]:
    """What was found of the run's class activation maps, in words."""
    scores = (pictures or {}).get("scores")
    return {"cam.verdict": str(scores["verdict"])} if scores else {}


def _put_dataset(client: MlflowClient, run: Run, files: RunFiles) -> None:
    if not files.run.get("dataset_digest") or (run.inputs and run.inputs.dataset_inputs):
        return
    name = str(files.run["dataset"])
    dataset = Dataset(  # what mlflow.data.MetaDataset on a local source writes, without its array libraries
        name=name,
        digest=str(files.run["dataset_digest"])[:_DIGEST_CHARACTERS],
        source_type="local",
        source=json.dumps({"uri": f"artifacts/{name}/images"}),
    )
    client.log_inputs(run.info.run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])


def _put_status(client: MlflowClient, run: Run, status: Status | None, files: RunFiles, tracker: int | None) -> None:
    if status is None:
        return
    last = int(run.data.tags.get(TRACKER, "0"))
    if tracker is not None and tracker < last:
        return
    if tracker is not None and tracker != last:
        client.set_tag(run.info.run_id, TRACKER, str(tracker))
    if status == "RUNNING":
        if run.info.status != status:
            client.update_run(run.info.run_id, status)
        return
    end = files.ended if files.summary or files.history else int(time.time() * 1000)
    if run.info.status != status or (status == "FINISHED" and run.info.end_time != end):
        client.set_terminated(run.info.run_id, status, end)


def _of_run(folder: Path | None, name: str, checkpoint: str | None) -> dict[str, Any] | None:
    """The JSON file of a stage's folder, or None when the folder is absent or tells of another training."""
    if folder is None or not (folder / name).exists():
        return None
    content: dict[str, Any] = read_json(folder / name)
    if content.get("checkpoint") not in (None, checkpoint):
        _log.warning("%s belongs to an earlier training of this recipe and is left out; run `dvc repro`", folder)
        return None
    return content


def _existing(folder: Path, *names: str) -> dict[str, Path]:
    return {name: folder / name for name in names if (folder / name).exists()}
