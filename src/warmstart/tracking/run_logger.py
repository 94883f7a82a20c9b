"""Writing to an MLflow run only what it does not have yet, so that writing the same again changes nothing."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag, ViewType
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking.client import MlflowClient
from pydantic import TypeAdapter

from warmstart.files.digest import digest, sha256_file
from warmstart.records.history import EpochMetrics
from warmstart.records.steps import StepRow
from warmstart.tracking import messages
from warmstart.tracking.run_files import RUN_KEY
from warmstart.tracking.store import Experiment

CURRENT_TAG = "current"  # on one run a recipe, the one whose files are in artifacts/
_FILES_TAG = "warmstart.files.plain."
_NOTE_TAG = "mlflow.note.content"
_NOT_METRICS = ("epoch", "time")
# MLflow's limits.
_MAX_METRICS_A_CALL = 1000
_MAX_PARAMS_A_CALL = 100
_MAX_DIGEST_CHARACTERS = 36
_EPOCH = TypeAdapter(EpochMetrics)
_log = logging.getLogger(__name__)


class RunLogger:
    """Logs to the run with this run key, which is created when missing. Use it under the lock of the experiment.

    Of copies, the oldest run counts; a deleted run does not. started: of a new run, in ms since 1970.
    """

    def __init__(self, experiment: Experiment, key: str, name: str, started: int) -> None:
        self.client = client = experiment.client
        query, oldest_first = f"tags.`{RUN_KEY}` = '{key}'", ["attributes.start_time ASC"]
        found = client.search_runs([experiment.id], query, ViewType.ACTIVE_ONLY, 1, oldest_first)
        self.is_new = not found
        new = None if found else client.create_run(experiment.id, started, {RUN_KEY: key}, name)
        self.run: Run = new or client.get_run(found[0].info.run_id)
        self.id = str(self.run.info.run_id)

    def log_history(self, history: Sequence[EpochMetrics]) -> None:
        """Log the missing values, infinite ones left out, of every epoch: step = epoch, at the time of its row."""
        keys = (*EpochMetrics.columns(), *EpochMetrics.OPTIONAL)
        logged = {key: self._steps(key) for key in keys if key not in _NOT_METRICS}
        new = []
        for epoch in history:
            values = _EPOCH.dump_python(epoch, by_alias=True)
            for key, steps in logged.items():
                if key in values and epoch.epoch not in steps and not math.isinf(values[key]):
                    new.append(Metric(key, values[key], int(epoch.time * 1000), epoch.epoch))
        self._log_metrics(new)

    def log_steps(self, steps: Sequence[StepRow], history: Sequence[EpochMetrics]) -> None:
        """Log the missing learning rates and throughputs of every training step, at the time of the step's epoch."""
        times = {epoch.epoch: int(epoch.time * 1000) for epoch in history}
        new = []
        for key, field in {"step/lr": "lr", "step/images_per_s": "images_per_second"}.items():
            logged = self._steps(key) if steps else set()
            rows = (row for row in steps if row.step not in logged and row.epoch in times)
            new += [Metric(key, getattr(row, field), times[row.epoch], row.step) for row in rows]
        self._log_metrics(new)

    def log_final_metrics(self, metrics: Mapping[str, float], timestamp: int) -> None:
        """Log metrics of the whole run that are missing (at step 0), or have changed (at the next step, now)."""
        new = []
        for key, value in metrics.items():
            logged = self.run.data.metrics.get(key)
            if logged is None:
                new.append(Metric(key, value, timestamp, 0))
            elif logged != value and not (math.isnan(logged) and math.isnan(value)):
                new.append(Metric(key, value, int(time.time() * 1000), max(self._steps(key)) + 1))
        self._log_metrics(new)

    def log_params(self, params: Mapping[str, str]) -> None:
        """Log missing parameters. A changed one is a warning: MLflow's parameters cannot change."""
        logged = self.run.data.params
        if changed := [key for key, value in params.items() if logged.get(key, value) != value]:
            _log.warning("%s", messages.PARAMS_KEPT.format(run=self.id, keys=", ".join(changed)))
        new = [Param(key, value) for key, value in params.items() if key not in logged]
        for start in range(0, len(new), _MAX_PARAMS_A_CALL):
            self.client.log_batch(self.id, params=new[start : start + _MAX_PARAMS_A_CALL])

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags to these values; a note is left as it is, for a person may have edited it."""
        logged = self.run.data.tags
        changed = {key: value for key, value in tags.items() if logged.get(key) != value}
        if _NOTE_TAG in logged:
            changed.pop(_NOTE_TAG, None)
        if changed:
            self.client.log_batch(self.id, tags=[RunTag(key, value) for key, value in changed.items()])

    def log_dataset(self, name: str, dataset_digest: str) -> None:
        """Log the dataset of a training, once."""
        if self.run.inputs and self.run.inputs.dataset_inputs:
            return
        dataset = Dataset(  # as mlflow.data.MetaDataset of a local source, without its array libraries
            name=name,
            digest=dataset_digest[:_MAX_DIGEST_CHARACTERS],
            source_type="local",
            source=json.dumps({"uri": f"artifacts/{name}/images"}),
        )
        self.client.log_inputs(self.id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])

    def sync_artifacts(self, name: str, files: Mapping[str, Path]) -> None:
        """Make the artifact folder ``name`` hold exactly ``files`` (relative path → file of that name).

        The digest of what was uploaded is kept in a tag. Without files nothing happens: what was uploaded before stays.
        """
        if not files:
            return
        content = digest({path: sha256_file(file) for path, file in files.items()})
        repository: Any = get_artifact_repository(self.run.info.artifact_uri)
        if self.run.data.tags.get(_FILES_TAG + name) == content and repository.list_artifacts(name):
            return
        repository.delete_artifacts(name)
        for path, file in files.items():
            repository.log_artifact(str(file), f"{name}/{path}".rpartition("/")[0])
        self.client.set_tag(self.id, _FILES_TAG + name, content)

    def end(self, status: str, ended: int) -> None:
        """Set the status and the end of the run, in ms since 1970."""
        if (self.run.info.status, self.run.info.end_time) != (status, ended):
            self.client.set_terminated(self.id, status, ended)

    def set_current(self, recipe: str) -> None:
        """Give the tag ``current`` to this run and take it from others of the recipe."""
        query = f"tags.`recipe` = '{recipe}' and tags.`{CURRENT_TAG}` = 'true'"
        holders = self.client.search_runs([self.run.info.experiment_id], query, ViewType.ALL)
        for holder in holders:
            if holder.info.run_id != self.id:
                _delete_current_tag(self.client, holder)
        if all(holder.info.run_id != self.id for holder in holders):
            self.client.set_tag(self.id, CURRENT_TAG, "true")

    def _steps(self, key: str) -> set[int]:
        if key not in self.run.data.metrics:
            return set()
        return {metric.step for metric in self.client.get_metric_history(self.id, key)}

    def _log_metrics(self, metrics: Sequence[Metric]) -> None:
        for start in range(0, len(metrics), _MAX_METRICS_A_CALL):
            self.client.log_batch(self.id, metrics=metrics[start : start + _MAX_METRICS_A_CALL])


def _delete_current_tag(client: MlflowClient, run: Run) -> None:
    deleted = run.info.lifecycle_stage == "deleted"
    if deleted:  # MLflow does not change a deleted run, and a person may restore it
        client.restore_run(run.info.run_id)
    client.delete_tag(run.info.run_id, CURRENT_TAG)
    if deleted:
        client.delete_run(run.info.run_id)


def folder_files(folder: Path, leave_out: tuple[str, ...] = ()) -> dict[str, Path]:
    """The files under ``folder`` by relative path, without hidden ones and endings or first folders to leave out."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    first = tuple(f"{name}/" for name in leave_out)
    shown = {name: path for name, path in found.items() if "/." not in f"/{name}"}
    return {name: path for name, path in shown.items() if not (name.endswith(leave_out) or name.startswith(first))}


def named_files(folder: Path, *names: str) -> dict[str, Path]:
    """Those of the files ``names`` in ``folder`` that exist."""
    return {name: folder / name for name in names if (folder / name).exists()}
