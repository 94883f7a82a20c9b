"""A folder with one sub-folder per class, or with train/val/test folders of such."""

from __future__ import annotations

from pathlib import Path

from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.sources.class_folders import list_entries
from warmstart.ingest.sources.listing import Listing
from warmstart.ingest.sources.walk import need_folder, walk
from warmstart.records.images import SkippedFile
from warmstart.text.printable import utf8_text

NO_TEXT = "its name is not UTF-8 text: rename it"


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
    need_folder(root, f"data.folder: {root}", "for an archive use data=cats_vs_dogs and data.archive")
    paths, folders, skipped = [], [], []
    for found in walk(root):
        name, folder = utf8_text(found.path), found.path.rpartition("/")[0]
        if found.kind == "hidden" or utf8_text(folder) != folder:
            continue
        if name != found.path:
            skipped.append(SkippedFile(name, NO_TEXT))
        elif found.kind == "file":
            paths.append(name)
        elif found.kind == "closed":  # it may hold half of a class
            raise UserError(f"{root / name} {found.reason}: change its rights, or move it elsewhere")
        else:
            if found.kind != "skipped":  # a link to a folder that is read already is missed in the place of a class
                folders.append(name)
            if found.kind != "folder":
                skipped.append(SkippedFile(name, found.reason))
    return list_entries(paths, f"data.folder: {root}", FolderReader(root), folders, skipped, layout)
