"""Writing only the metrics that a run does not have yet, so that no step is ever there twice."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from mlflow.entities import Metric, Run
from mlflow.tracking.client import MlflowClient

_BATCH = 1000  # MLflow's limit a call
_NOT_METRICS = ("epoch", "time")


def log_history(client: MlflowClient, run: Run, history: Sequence[Mapping[str, float]]) -> int:
    """Log every column of every epoch that is missing: step = epoch, at the row's own time. Returns how many."""
    keys = {key for row in history for key in row if key not in _NOT_METRICS}
    there = {key: _steps(client, run, key) for key in keys}
    missing = [
        Metric(key, value, int(row["time"] * 1000), int(row["epoch"]))
        for row in history
        for key, value in row.items()
        if key in there and int(row["epoch"]) not in there[key]
    ]
    _log(client, run, missing)
    return len(missing)


def log_final_metrics(client: MlflowClient, run: Run, figures: Mapping[str, float], timestamp: int) -> int:
    """Log final figures that are absent (at step 0) or have changed (at the next step, now). Returns how many."""
    new = []
    for key, value in figures.items():
        if key not in run.data.metrics:
            new.append(Metric(key, value, timestamp, 0))
        elif not _same(run.data.metrics[key], value):
            new.append(Metric(key, value, int(time.time() * 1000), max(_steps(client, run, key)) + 1))
    _log(client, run, new)
    return len(new)


def _steps(client: MlflowClient, run: Run, key: str) -> set[int]:
    if key not in run.data.metrics:
        return set()
    return {metric.step for metric in client.get_metric_history(run.info.run_id, key)}


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _log(client: MlflowClient, run: Run, metrics: Sequence[Metric]) -> None:
    for start in range(0, len(metrics), _BATCH):
        client.log_batch(run.info.run_id, metrics=metrics[start : start + _BATCH])
