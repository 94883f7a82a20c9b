"""Every file below a folder that can be read: one walk for all who read photos."""

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
GONE = (errno.ENOENT, errno.ELOOP, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a folder. path: relative, POSIX style. kind: ``file``, ``folder``, ``skipped`` (no file that can be
    read), ``hidden``, ``again`` (a link to a folder that is read already) or ``closed`` (a folder that cannot be looked
    into). reason: why it is none of the first two.
    """

    path: str
    kind: str
    reason: str = ""


def walk(root: str | Path) -> Iterator[Found]:
    """Everything below ``root`` in order of names, what is in a folder right after it.

    Links are followed; a folder is read once, hidden ones are not. Nothing is opened. A missing ``root`` is ``closed``.
    """
    # Links wait until all else is read, so that no order decides which of two ways is taken, and no loop is endless.
    top = str(root)
    seen: set[tuple[int, int]] = set()
    links = [""]
    while links:
        links.sort(reverse=True)
        start = Found(links.pop(), "folder")
        walking: list[Iterator[Found]] = [iter([start])]
        while walking:
            found = next(walking[-1], None)
            if found is None:
                walking.pop()
            elif found.kind == "link":
                links.append(found.path)
            elif found.kind != "folder":
                yield found
            else:
                try:
                    folder = os.path.join(top, found.path) if found.path else top
                    identity = _identity(folder)
                    if found is start and identity in seen:
                        yield Found(found.path, "again", READ_ALREADY)
                        continue
                    seen.add(identity)
                    walking.append(_inside(folder, found.path))
                except OSError as error:
                    yield Found(found.path, "closed", _denied(error))
                else:
                    if found.path:
                        yield found


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


def need_folder(path: Path, where: str, instead_of_file: str) -> None:
    """Refuse (UserError) what is no folder. where: how messages name it."""
    if not path.is_dir():
        raise UserError(f"{where} {f'is a file: {instead_of_file}' if path.exists() else 'does not exist'}")


def _inside(folder: str, path: str) -> Iterator[Found]:
    """What is in a folder. Raises OSError at once where it cannot be looked into."""
    with os.scandir(folder) as entries:
        inside = sorted(entries, key=lambda entry: entry.name)
    return (Found(f"{path}/{entry.name}" if path else entry.name, *_look(entry)) for entry in inside)


def _look(entry: os.DirEntry[str]) -> tuple[str, str]:
    """``file``, ``folder``, ``link`` (to a folder), ``hidden`` or ``skipped``, and why."""
    if is_hidden(entry.name):
        return "hidden", ""
    try:
        if entry.is_dir(follow_symlinks=False):
            return "folder", ""
        if entry.is_file(follow_symlinks=False) and os.access(entry.path, os.R_OK):  # its status is not needed
            return "file", ""
    except OSError as error:
        return "skipped", _denied(error)
    reason = why_not_read(entry.path)
    return ("link", "") if reason == FOLDER else ("skipped", reason) if reason else ("file", "")


def _identity(folder: str) -> tuple[int, int]:
    status = Path(folder).stat()
    return status.st_dev, status.st_ino


def _denied(error: OSError) -> str:
    return f"cannot be read ({error.strerror})"
