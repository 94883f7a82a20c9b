"""Every file below a folder that can be read: the one walk of whoever reads photos, so that all take and pass over the
same.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warmstart.errors import UserError
from warmstart.ingest.sources.suffixes import is_hidden

READ_ALREADY = "a link to a folder that is read already"
FOLDER = "is a folder"
NOWHERE = "a link that leads nowhere"
NO_FILE = "no file, but a pipe, a socket or a device"
MISSING = "no such file"
NO_TEXT = "its name is not UTF-8 text: rename it"
GONE = (errno.ENOENT, errno.ELOOP, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a folder. path: relative, POSIX style, with backslashes for what is no text. kind: ``file``,
    ``folder``, ``skipped`` or ``closed`` (a folder that cannot be looked into). reason: why it is skipped or closed.
    """

    path: str
    kind: str
    reason: str = ""


def walk(root: str | Path) -> Iterator[Found]:
    """Every file and folder below ``root`` that is not hidden, the files of a folder in order of their names, then its
    folders.

    Links are followed; a folder that several ways lead to is read once. Nothing is opened: what is no plain file, what
    may not be read and what has a name that is no UTF-8 text is ``skipped``, with the reason. A missing ``root`` is
    ``closed``.
    """
    # Links wait until all else is read, so that it depends on no order which of two ways to a folder is taken, and no
    # loop is endless.
    top = str(root)
    seen: set[tuple[int, int]] = set()
    waiting: list[str] = [""]
    links: list[str] = []
    while waiting or links:
        link = not waiting
        if link:
            links.sort(reverse=True)
        here = links.pop() if link else waiting.pop()
        try:
            identity = _identity(os.path.join(top, here) if here else top)
            if link and identity in seen:
                yield Found(here, "skipped", READ_ALREADY)
                continue
            seen.add(identity)
            inside = _sorted_entries(os.path.join(top, here) if here else top)
        except OSError as error:
            yield Found(here, "closed", _denied(error))
            continue
        if here:
            yield Found(here, "folder")
        folders = []
        for entry in inside:
            path = f"{here}/{entry.name}" if here else entry.name
            kind, reason = _look(entry, os.path.join(top, path))
            if kind == "link":
                links.append(path)
            elif kind == "folder":
                folders.append(path)
            else:
                yield Found(spelled(path), kind, reason)
        waiting += reversed(folders)


def why_not_read(path: str | Path) -> str | None:
    """Why there is no file to be read at ``path``, which is not opened; None where there is one."""
    try:
        mode = Path(path).stat().st_mode
    except OSError as error:
        if error.errno in GONE:
            return NOWHERE if Path(path).is_symlink() else MISSING
        return _denied(error)
    except ValueError:  # a zero byte, or what this system cannot spell
        return MISSING
    if stat.S_ISDIR(mode):
        return FOLDER
    if not stat.S_ISREG(mode):
        return NO_FILE
    return None if os.access(path, os.R_OK) else _denied(OSError(errno.EACCES, os.strerror(errno.EACCES)))


def need_file(path: str | Path, where: str, instead_of_folder: str = "give the file itself") -> None:
    """Refuse (UserError) what is no file that can be read, without opening it. where: how messages name it."""
    reason = why_not_read(path)
    if reason == FOLDER:
        raise UserError(f"{where} {FOLDER}: {instead_of_folder}")
    if reason:
        raise UserError(f"{where} {'does not exist' if reason == MISSING else f'cannot be used: {reason}'}")


def spelled(name: str) -> str:
    """A path as UTF-8 text, with backslashes for bytes that are none."""
    return name.encode("utf-8", "backslashreplace").decode()


def _look(entry: os.DirEntry[str], full: str) -> tuple[str, str]:
    """``file``, ``folder``, ``link`` (to a folder) or ``skipped``, and why."""
    try:
        entry.name.encode("utf-8")
    except UnicodeEncodeError:
        return "skipped", NO_TEXT
    try:
        if entry.is_dir(follow_symlinks=False):
            return "folder", ""
        if entry.is_file(follow_symlinks=False) and os.access(
            full, os.R_OK
        ):  # the usual, which needs no status of the file
            return "file", ""
    except OSError as error:
        return "skipped", _denied(error)
    reason = why_not_read(full)
    return ("link", "") if reason == FOLDER else ("skipped", reason) if reason else ("file", "")


def _sorted_entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return sorted((entry for entry in found if not is_hidden(entry.name)), key=lambda entry: entry.name)


def _identity(folder: str) -> tuple[int, int]:
    status = Path(folder).stat()
    return status.st_dev, status.st_ino


def _denied(error: OSError) -> str:
    return f"cannot be read ({error.strerror})"
