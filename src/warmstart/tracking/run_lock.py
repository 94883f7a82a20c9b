"""Which runs are really running: a run's process holds a lock, which the system takes from it however it dies; the others are KILLED."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking.client import MlflowClient

WAIT = 0.5  # seconds: whoever asks whether a lock is held has it for a moment


class Alive:
    """Says that the run ``key`` of the checkout ``root`` is running, until `end` or until this process dies. Never raises."""

    def __init__(self, root: Path, key: str) -> None:
        self._place = _place(root, key)
        self._lock = FileLock(self._place, thread_local=False)
        with suppress(OSError, Timeout):  # a disk without locks; another process that has the same run
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=WAIT)

    def end(self) -> None:
        """It runs no longer. A second call does nothing."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._place.unlink(missing_ok=True)
            self._lock.release()


def close_killed_runs(client: MlflowClient, experiment_id: str, root: Path) -> list[str]:
    """Give every run of the experiment that is RUNNING, and whose process is gone, the status KILLED; returns the ids of those runs.

    A run ends when it logged last, a sweep when the last of its jobs did. Runs that are not Warmstart's are left alone.
    """
    from warmstart.tracking.store import store_lock
    from warmstart.tracking.sync_run import RUN_KEY

    killed = []
    with store_lock(client):
        for run in _running(client, experiment_id):
            key = run.data.tags.get(RUN_KEY)
            if key and not _is_alive(_place(root, key)):
                client.set_terminated(run.info.run_id, "KILLED", _last_seen(client, run))
                killed.append(str(run.info.run_id))
    return killed


def _place(root: Path, key: str) -> Path:
    return Path(root).resolve() / "mlruns" / ".running" / f"{key}.lock"


def _is_alive(place: Path) -> bool:
    """Whether a process holds the lock; the file of one that nobody holds is removed."""
    if not place.exists():
        return False
    lock = FileLock(place)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    with suppress(OSError):
        place.unlink(missing_ok=True)
    lock.release()
    return False


def _running(client: MlflowClient, experiment_id: str) -> list[Run]:
    found, page = [], None
    while page is None or page:
        some = client.search_runs([experiment_id], "attributes.status = 'RUNNING'", page_token=page)
        found += some
        page = some.token or ""
    return found


def _last_seen(client: MlflowClient, run: Run) -> int:
    """When it, or the last of its children, is known to have been at work, in ms since 1970."""
    times: list[int] = [
        run.info.start_time,
        *(metric.timestamp for metric in client.get_metric_history(run.info.run_id, "val/loss")),
    ]
    children = client.search_runs([run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'")
    return max([*times, *(int(child.info.end_time or child.info.start_time) for child in children)])
