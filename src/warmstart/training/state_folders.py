"""The folder with the states of all trainings: listing, locking and removing them."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from warmstart.errors import UserError
from warmstart.records.base import Record
from warmstart.records.run_identity import RunIdentity
from warmstart.records.training_state import FinishedTraining
from warmstart.training.messages import STATES_REMOVED

log = logging.getLogger(__name__)
R = TypeVar("R", bound=Record)
RUN_FILE, FINISHED_FILE = "run.json", "finished.json"
MAX_AGE_DAYS = 14  # after which a state that nobody has touched is removed
MAX_LOCK_AGE_DAYS = 1
SECONDS_PER_DAY = 86_400.0
_STATE = re.compile(r"[0-9a-f]{16}")


def forget_finished(
    root: Path,
    kind: str,
    *,
    dataset: str | None = None,
    recipe: str | None = None,
    below: Path | None = None,
    but: Path | None = None,
) -> None:
    """Remove the states of finished trainings, whose results are safe.

    kind: of the run. dataset, recipe: None for all. below: a folder that their results are in. A state that is locked
    by another process stays, and so does ``but``.
    """
    for folder, run in list_states(root):
        if run is None or run.kind != kind or folder == but or not (folder / FINISHED_FILE).exists():
            continue
        if dataset not in (None, run.dataset) or recipe not in (None, run.recipe):
            continue
        if below:
            finished = read_or_none(FinishedTraining, folder / FINISHED_FILE)
            if finished is None or not Path(finished.out).is_relative_to(below.absolute()):
                continue
        with suppress(OSError), locked(folder) as acquired:  # another user's state may stay
            if acquired and folder.exists():
                remove_state(folder)


def prune_states(root: Path, own: Path) -> None:
    """Remove states that nobody has touched for ``MAX_AGE_DAYS``, and remains of killed processes, but not ``own``."""
    removed = 0
    for name in sorted({path.name.lstrip(".").partition(".")[0] for path in root.iterdir()} - {own.name}):
        if _STATE.fullmatch(name) and _is_removable(root / name):
            with suppress(OSError), locked(root / name) as acquired:  # another user's state may stay
                if acquired:
                    removed += _remove_remains(root / name)
    if removed:
        log.info(STATES_REMOVED, root, removed, MAX_AGE_DAYS)


def _is_removable(folder: Path) -> bool:
    """Whether there is an old state, remains of one, or a lock without one."""
    if any(aside_of(folder, word).exists() for word in ("new", "old")):
        return True
    if folder.exists():
        return _is_old(folder)
    with suppress(FileNotFoundError):
        return time.time() - lock_file(folder).stat().st_mtime > MAX_LOCK_AGE_DAYS * SECONDS_PER_DAY
    return False


def _remove_remains(folder: Path) -> bool:
    """Remove remains, and the state if it is old; returns whether it was."""
    for word in ("new", "old"):
        shutil.rmtree(aside_of(folder, word), ignore_errors=True)
    if not (folder.exists() and _is_old(folder)):
        return False
    remove_state(folder)
    return True


def _is_old(folder: Path) -> bool:
    return time.time() - last_modified(folder) > MAX_AGE_DAYS * SECONDS_PER_DAY


def list_states(root: Path) -> list[tuple[Path, RunIdentity | None]]:
    """The states with their run.json, None where it cannot be read."""
    folders = [path for path in sorted(root.iterdir()) if _STATE.fullmatch(path.name)] if root.is_dir() else []
    return [(folder, read_or_none(RunIdentity, folder / RUN_FILE)) for folder in folders]


def read_or_none(record: type[R], path: Path) -> R | None:
    """The record of a file; None where it is missing, damaged or something else."""
    try:
        return record.read(path)
    except (UserError, NotADirectoryError, IsADirectoryError):
        return None


def last_modified(folder: Path) -> float:
    """When something in a state was last written, in seconds since 1970; 0 where it is gone."""
    times = [0.0]
    for parent, _, names in os.walk(folder):  # which continues when another process removes something
        for path in (Path(parent), *(Path(parent, name) for name in names)):
            with suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
    return max(times)


@contextmanager
def locked(folder: Path, wait: float = 0.0) -> Iterator[bool]:
    """Lock a state. Gives whether that succeeded. wait: seconds to try."""
    lock = FileLock(lock_file(folder))
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        if not folder.exists():
            with suppress(OSError):
                lock_file(folder).unlink(missing_ok=True)  # while it is held: a waiting process sees that it is gone
        lock.release()


def lock_file(folder: Path) -> Path:
    """The lock of a state, beside it."""
    return folder.with_name(f"{folder.name}.lock")


def aside_of(folder: Path, word: str) -> Path:
    """The folder of a state that is being made (``new``) or removed (``old``)."""
    return folder.with_name(f".{folder.name}.{word}")


def remove_state(folder: Path) -> None:
    """Remove a state. At no moment is a part of it under its name."""
    old = aside_of(folder, "old")
    shutil.rmtree(old, ignore_errors=True)
    os.replace(folder, old)
    shutil.rmtree(old, ignore_errors=True)
