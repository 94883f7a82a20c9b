"""The sentence for a disk that is full."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from warmstart.files.plain import free_space
from warmstart.runtime.error_paths import ROOT
from warmstart.text.file_sizes import format_bytes

ALMOST_FULL = 2**20  # bytes: a disk with less free has refused a write


def full_disk(*paths: str | Path, quota: bool = False) -> str:
    """The sentence for a full disk. paths: what was being written, as far as it is known; of several disks the fullest
    is named.
    """

    usual = [*map(ROOT.joinpath, (".", "artifacts", "mlruns")), *map(Path, (".", os.environ.get("TMPDIR", "/tmp")))]
    folder, free = fullest(paths or usual)
    other = fullest(usual)
    if not quota and free > ALMOST_FULL > other[1]:  # a library wrote elsewhere, such as into TMPDIR
        folder, free = other
    what = f"the quota is used up: {folder} has" if quota else f"the disk is full: {folder} has"
    return (
        f"{what} {format_bytes(free)} free without what was unfinished; make room there, and give the same "
        f"command again: nothing else is lost"
    )


def fullest(paths: Sequence[str | Path]) -> tuple[Path, int]:
    """Of the folders that these paths are or would be in, the one with the least free room, and its bytes.

    Disks that are read only, such as one with photos, are always full, and do not count.
    """

    found = [free_space(path) for path in paths]
    return min(([one for one in found if os.access(one[0], os.W_OK)] or found), key=lambda one: one[1])
