"""Which runs are going on: the process of a run holds a lock, which the system releases however the process ends."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from warmstart.tracking.run_files import RUN_KEY

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking.client import MlflowClient

    from warmstart.tracking.store import Experiment

_MAX_RUNS = 50_000  # MLflow's limit
_LOCK_TIMEOUT_S = 0.5  # whoever tests a lock holds it for a moment


class RunLock:
    """Marks the run ``key`` of the checkout ``root`` as going on, until `release` or the process ends. Never raises."""

    def __init__(self, root: Path, key: str) -> None:
        self._path = _lock_path(root, key)
        self._lock = FileLock(self._path, thread_local=False)
        with suppress(OSError, Timeout):  # a disk without locks; another process with the same run
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=_LOCK_TIMEOUT_S)

    def release(self) -> None:
        """The run has ended. A second call does nothing."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._lock.release()


def close_killed_runs(experiment: Experiment) -> list[str]:
    """Set the status of runs that are RUNNING, and whose process is gone, to KILLED; returns their ids.

    A run ends when it last logged, a sweep with its last job. Runs without a run key are left alone.
    """
    client, killed = experiment.client, []
    with experiment.lock():
        for run in client.search_runs([experiment.id], "attributes.status = 'RUNNING'", max_results=_MAX_RUNS):
            key = run.data.tags.get(RUN_KEY)
            if key and not _is_held(_lock_path(experiment.root, key)):
                client.set_terminated(run.info.run_id, "KILLED", _last_active(client, run))
                killed.append(str(run.info.run_id))
    return killed


def _lock_path(root: Path, key: str) -> Path:
    return Path(root).resolve() / "mlruns" / ".running" / f"{key}.lock"


def _is_held(path: Path) -> bool:
    """Whether a process holds the lock. The file of a lock that is not held is removed."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    with suppress(OSError):
        path.unlink(missing_ok=True)
    lock.release()
    return False


def _last_active(client: MlflowClient, run: Run) -> int:
    """When the run, or the last of its children, was last known to be active, in ms since 1970."""
    logged = client.get_metric_history(run.info.run_id, "val/loss")
    children = client.search_runs([run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'")
    ends = [int(child.info.end_time or child.info.start_time) for child in children]
    times: list[int] = [run.info.start_time, *(metric.timestamp for metric in logged), *ends]
    return max(times)
