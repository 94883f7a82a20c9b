"""A folder with one sub-folder per class, or with train/val/test folders of such."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from warmstart.config.paths import expand_user
from warmstart.data.sources.class_folders import list_entries
from warmstart.data.sources.listing import Listing
from warmstart.data.sources.suffixes import is_hidden
from warmstart.errors import UserError

READ_ALREADY = "a link to a folder that is read already"


class FolderReader:
    """Reads files below a folder; small enough to be sent to worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


def list_folder(folder: str | Path, layout: str = "auto") -> Listing:
    """List the images of a folder. layout: the key data.layout. Raises UserError when the folder is missing or has no class sub-folders.

    Links are followed; a folder that two ways lead to is read once, and files that are none (pipes, devices) are not opened.
    """
    root = Path(expand_user(str(folder)))
    if not root.is_dir():
        what = "is a file: for an archive use data=cats_vs_dogs and data.archive" if root.exists() else "does not exist"
        raise UserError(f"data.folder: {root} {what}")
    paths, folders, skipped = [], [], []
    for path, kind in _walk(root):
        if kind == "file":
            paths.append(path)
        elif kind == "folder":
            folders.append(path)
        else:
            if kind == READ_ALREADY:  # in the place of a class folder it is missed
                folders.append(path)
            skipped.append({"path": path, "reason": kind})
    return list_entries(paths, f"data.folder: {root}", FolderReader(root), folders, skipped, layout)


def _walk(root: Path) -> Iterator[tuple[str, str]]:
    """Every file and folder below ``root`` that is not hidden: its path, relative and POSIX style, and ``file``, ``folder`` or why
    it is neither.
    """
    # Links wait until all else is read, so that it depends on no order which of two ways to a folder is taken, and no loop is endless.
    seen, waiting = {_identity(root)}, [""]
    links: list[str] = []
    while waiting or links:
        if not waiting:
            links.sort(reverse=True)
            link = links.pop()
            if _identity(root / link) in seen:
                yield link, READ_ALREADY
                continue
            seen.add(_identity(root / link))
            yield link, "folder"
            waiting.append(link)
        here = waiting.pop()
        for found in _scan(root / here):
            path = f"{here}/{found.name}" if here else found.name
            if is_hidden(found.name):
                continue
            if not _is_text(path):
                yield path.encode("utf-8", "backslashreplace").decode(), "its name is not UTF-8 text: rename it"
            elif found.is_dir(follow_symlinks=False):
                seen.add(_identity(root / path))
                yield path, "folder"
                waiting.append(path)
            elif (root / path).is_dir():
                links.append(path)
            elif found.is_file(follow_symlinks=False) or (root / path).is_file():
                yield path, "file"
            else:
                yield path, "a link that leads nowhere" if found.is_symlink() else "no file, but a pipe, a socket or a device"


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError as error:
        raise UserError(f"{folder} cannot be read ({error.strerror}): change its rights, or move it elsewhere") from None


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
