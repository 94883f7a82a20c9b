"""A folder with one sub-folder per class, or with train/val/test folders of such."""

from __future__ import annotations

import os
from pathlib import Path

from warmstart.data.sources.listing import Listing, list_entries
from warmstart.errors import UserError


class FolderReader:
    """Reads files below a folder; small enough to be sent to worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


def list_folder(folder: str | Path) -> Listing:
    """List the images of a folder. Raises UserError when the folder is missing or has no class sub-folders."""
    root = Path(folder).expanduser()
    if not root.is_dir():
        what = "is a file: for an archive use data=cats_vs_dogs and data.archive" if root.exists() else "does not exist"
        raise UserError(f"data.folder: {root} {what}")
    paths = [
        Path(directory, name).relative_to(root).as_posix() for directory, _, names in os.walk(root, followlinks=True) for name in names
    ]
    return list_entries(paths, f"data.folder: {root}", FolderReader(root))
