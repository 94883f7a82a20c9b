"""The folder of all trainings' states: whose they are, who has one at hand, and which ones go."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from warmstart.errors import UserError
from warmstart.files.plain import read_json

log = logging.getLogger(__name__)
RUN, FINISHED = "run.json", "finished.json"
DAYS = 14  # after which a state that nobody has touched is removed
LOCK_DAYS = 1
DAY = 86_400.0  # seconds
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
    """Remove the states of finished trainings, whose results are safe: of a kind of run, and of a dataset, of a recipe, or with results
    below a folder, where these are given. One that another process has at hand stays, and so does ``but``.
    """
    for folder, run in list_states(root):
        if run.get("kind") != kind or folder == but or not (folder / FINISHED).exists():
            continue
        if (dataset or run.get("dataset")) != run.get("dataset") or (recipe or run.get("recipe")) != run.get("recipe"):
            continue
        if below and not Path(str(read_object(folder / FINISHED).get("out"))).is_relative_to(below.absolute()):
            continue
        with (
            suppress(OSError),
            locked(folder) as ours,
        ):  # what is another user's may stay, until nobody has touched it for long
            if ours and folder.exists():
                remove_state(folder)


def prune_states(root: Path, own: Path) -> None:
    """Remove states that nobody has touched for ``DAYS``, and what dead processes have left of others; ``own`` is left alone."""
    old = 0
    for name in sorted({path.name.lstrip(".").partition(".")[0] for path in root.iterdir()} - {own.name}):
        if _STATE.fullmatch(name) and _waste(root / name):
            with suppress(OSError), locked(root / name) as ours:  # what is another user's may stay
                if ours:
                    old += _clear(root / name)
    if old:
        log.info("%s: removed the states of %d trainings that nobody has touched for %d days", root, old, DAYS)


def _waste(folder: Path) -> bool:
    """Whether there is something to remove: an old state, what is left of one, or a lock without one."""
    if any(aside_of(folder, word).exists() for word in ("new", "old")):
        return True
    if folder.exists():
        return _old(folder)
    with suppress(FileNotFoundError):
        return time.time() - lock_file(folder).stat().st_mtime > LOCK_DAYS * DAY
    return False


def _clear(folder: Path) -> bool:
    """Remove what is left, and the state where it is old; returns whether it was."""
    for word in ("new", "old"):
        shutil.rmtree(aside_of(folder, word), ignore_errors=True)
    if not (folder.exists() and _old(folder)):
        return False
    remove_state(folder)
    return True


def _old(folder: Path) -> bool:
    return time.time() - touched(folder) > DAYS * DAY


def list_states(root: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The states with their run.json, which is empty where it cannot be read."""
    folders = [path for path in sorted(root.iterdir()) if _STATE.fullmatch(path.name)] if root.is_dir() else []
    return [(folder, read_object(folder / RUN)) for folder in folders]


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object; an empty one where the file is missing, damaged or something else."""
    try:
        value = read_json(path)
    except (UserError, NotADirectoryError, IsADirectoryError):
        return {}
    return value if isinstance(value, dict) else {}


def touched(folder: Path) -> float:
    """When something in a state was last written, in seconds since 1970; 0 where it is gone."""
    times = [0.0]
    for place, _, names in os.walk(folder):  # which goes on where another process removes something meanwhile
        for path in (Path(place), *(Path(place, name) for name in names)):
            with suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
    return max(times)


@contextmanager
def locked(folder: Path, wait: float = 0.0) -> Iterator[bool]:
    """Whether the lock of a state could be had, which it is while this lasts."""
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
                lock_file(folder).unlink(missing_ok=True)  # while it is held: who waits for it sees that it is gone
        lock.release()


def lock_file(folder: Path) -> Path:
    """The lock of a state, beside it."""
    return folder.with_name(f"{folder.name}.lock")


def aside_of(folder: Path, word: str) -> Path:
    """Where a state is while it is made (``new``) or removed (``old``)."""
    return folder.with_name(f".{folder.name}.{word}")


def remove_state(folder: Path) -> None:
    """Remove a state; there is no moment at which a part of one could be taken for the whole."""
    old = aside_of(folder, "old")
    shutil.rmtree(old, ignore_errors=True)
    os.replace(folder, old)
    shutil.rmtree(old, ignore_errors=True)
