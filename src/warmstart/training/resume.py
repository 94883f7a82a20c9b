"""Where an interrupted training is kept, and by what it is found again: the same configuration on the same inputs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from warmstart.digest import digest
from warmstart.errors import UserError


@contextmanager
def resume_state(root: Path, config: Mapping[str, Any], inputs: Mapping[str, str | None]) -> Iterator[Path]:
    """Give the folder of this training's state, locked for this process; remove it when the training is complete.

    root: holds the states of all interrupted trainings. inputs: digests of everything read besides the configuration.
    An exception leaves the state behind for the next attempt. Raises UserError when another process is at it.
    """
    folder = root / digest({"config": dict(config), "inputs": dict(inputs)})[:16]
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / f"{folder.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(f"another process is training exactly this; wait for it, or stop it ({lock.lock_file})") from None
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()
        if not folder.exists():
            Path(lock.lock_file).unlink(missing_ok=True)
