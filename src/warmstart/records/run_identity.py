"""run.json, in model/ and in a training's state: which run a training is; published.json: which runs MLflow has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from warmstart.records.base import Record

RunKind = Literal["dvc", "hand", "sweep"]
Family = Literal["scratch", "transfer"]
Ending = Literal["finished", "failed", "killed"]  # of a training or a sweep; killed: it was asked to end
RunStatus = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]  # in MLflow


@dataclass(frozen=True)
class StartCheckpoint:
    """The checkpoint that a training started from. recipe: of that checkpoint. checkpoint: its path."""

    recipe: str | None
    checkpoint: str
    sha256: str


@dataclass(frozen=True)
class RunIdentity(Record):
    """run_key: what makes a run one run, whatever happens to MLflow's ids. created: its start, in seconds since 1970.
    stage: train or fine_tune. parent: the MLflow run of the sweep that it belongs to.
    """

    run_key: str
    mlflow_run_id: str | None
    recipe: str
    family: Family
    dataset: str
    dataset_digest: str
    starts_from: StartCheckpoint | None
    created: float
    git_commit: str | None
    stage: str
    parent: str | None
    kind: RunKind


@dataclass(frozen=True)
class Published(Record):
    """What `publish` has put into MLflow. experiment: its id. runs: ids by place under artifacts/<dataset>."""

    experiment: str
    runs: dict[str, str]
