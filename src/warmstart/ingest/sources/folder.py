"""A folder with one sub-folder per class, or with train/val/test folders of such."""

from __future__ import annotations

from pathlib import Path

from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.sources.class_folders import list_entries
from warmstart.ingest.sources.listing import Listing
from warmstart.ingest.sources.walk import READ_ALREADY, walk
from warmstart.records.images import SkippedFile


class FolderReader:
    """Reads files below a folder; small enough to be sent to worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, path: str) -> Path:
        """Where the file ``path`` is."""
        return self.folder / path

    def __call__(self, path: str) -> bytes:
        return self.file(path).read_bytes()


def list_folder(folder: str | Path, layout: str = "auto") -> Listing:
    """List the images of a folder, as ``walk`` finds them. layout: the key data.layout. Raises UserError when the
    folder is missing, when a part of it may not be read, or when it has no class sub-folders.
    """
    root = Path(expand_user(str(folder)))
    if not root.is_dir():
        what = "is a file: for an archive use data=cats_vs_dogs and data.archive" if root.exists() else "does not exist"
        raise UserError(f"data.folder: {root} {what}")
    paths, folders, skipped = [], [], []
    for found in walk(root):
        if found.kind == "file":
            paths.append(found.path)
        elif found.kind == "folder":
            folders.append(found.path)
        elif found.kind == "closed":  # it may hold half of a class
            raise UserError(f"{root / found.path} {found.reason}: change its rights, or move it elsewhere")
        else:
            if found.reason == READ_ALREADY:  # in the place of a class folder it is missed
                folders.append(found.path)
            skipped.append(SkippedFile(found.path, found.reason))
    return list_entries(paths, f"data.folder: {root}", FolderReader(root), folders, skipped, layout)
