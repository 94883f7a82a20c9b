"""A place beside a file or folder, in which the new one is written whole before it takes the name of the old one.

A process holds a lock on what it writes aside for as long as it lives, and the system ends the lock with the process,
whatever ended that. So what a dead process has left is told from the unfinished work of a living one, of any user,
container or machine that shares the disk. The next write of the same target removes it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows
    fcntl = None  # type: ignore[assignment]

ASIDE_SUFFIX = ".aside"  # of every such name, which begins with a dot; .dvcignore and .gitignore name it
OLD = ".old"  # of the name of a folder that was moved away for a new one, on a disk that cannot exchange two
WEEK = 7 * 86400.0  # seconds, after which what nobody touches is taken for left where the disk does not lock
_NAME = re.compile(rf"\.(?P<target>.+)\.[0-9a-f]{{8}}(?P<old>{re.escape(OLD)})?{re.escape(ASIDE_SUFFIX)}", re.DOTALL)
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_TRIES = 20
_held: set[int] = set()


@contextmanager
def aside(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Give a new empty file or ``folder`` beside ``target``, whose own folder must exist; what is there at the end is
    removed.

    First removes what dead processes have left of the same target.
    """
    clear(target)
    path, handle = _make(target, folder)
    try:
        yield path
    finally:
        remove(path)
        _release(handle)


def clear(target: Path) -> None:
    """Remove what dead processes have left beside ``target``; the old one that they had moved away is put back where
    there is no other.
    """
    with suppress(OSError), os.scandir(target.parent) as entries:
        for found in [entry for entry in entries if entry.name.endswith(ASIDE_SUFFIX)]:
            match = _NAME.fullmatch(found.name)
            if match and match["target"] == target.name:
                _clear(Path(found.path), target if match["old"] else None)


def clear_below(folder: Path) -> None:
    """The same for every target below ``folder``, such as those of runs that have a folder of their own each, which is
    written once.
    """
    for place, folders, files in os.walk(folder):
        for name in [name for name in (*folders, *files) if name.endswith(ASIDE_SUFFIX) and _NAME.fullmatch(name)]:
            _clear(Path(place, name), None)
        folders[:] = [name for name in folders if not name.endswith(ASIDE_SUFFIX)]


def take_place(new: Path, target: Path) -> None:
    """Give the folder ``new`` the name ``target``. What stood there has the name ``new`` afterwards, or is gone.

    On Linux's own disks that is one step. Elsewhere (network drives, macOS, Windows) a reader finds no folder for a
    moment, and after a kill in that moment none until the next write, which first puts the old one back. Raises
    OSError.
    """
    for _ in range(_TRIES):  # of other processes that write the same, one may always come first
        try:
            if not os.path.lexists(target):
                os.replace(new, target)
            elif not _exchange(new, target):
                _move_away(new, target)
            return
        except OSError as error:
            if not new.exists() or error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(target))


def flush(path: Path) -> None:
    """Have the system write a file, or every file of a folder, to the disk, so that a power cut after a renaming leaves
    no empty one.
    """
    files = [Path(place, name) for place, _, names in os.walk(path) for name in names] if path.is_dir() else [path]
    for file in files:
        if file.is_file() and not file.is_symlink():
            handle = os.open(file, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
            try:
                os.fsync(handle)
            except OSError as error:
                if error.errno != errno.EINVAL:  # a disk that knows no such thing
                    raise
            finally:
                os.close(handle)


def remove(path: Path) -> None:
    """Remove a file or folder, as far as that is permitted; a link, but not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _make(target: Path, folder: bool) -> tuple[Path, int | None]:
    while True:
        path = _beside(target)
        if folder:
            path.mkdir(mode=0o700)
        else:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        handle = _hold(path)
        if os.path.lexists(path):
            return path, handle
        _release(handle)  # another process has taken it for left before it was held


def _beside(target: Path, end: str = ASIDE_SUFFIX) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{end}")


def _hold(path: Path) -> int | None:
    """Lock a file or folder until the process ends or releases it; None where that cannot be."""
    if fcntl is None:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    with suppress(OSError):  # a disk that does not lock
        fcntl.flock(handle, fcntl.LOCK_SH)
    _held.add(handle)
    return handle


def _release(handle: int | None) -> None:
    if handle in _held:  # not so in a process that was forked meanwhile
        _held.discard(handle)
        os.close(handle)


def _forget() -> None:
    """Leave the locks to the process that this one was forked from: they would otherwise outlive it."""
    for handle in _held:
        with suppress(OSError):
            os.close(handle)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _clear(path: Path, back: Path | None) -> None:
    """Remove one that nobody holds, or rename it ``back`` where nothing has that name."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if fcntl else None
    except OSError:
        return  # another user's, or gone
    try:
        if _left(path, handle):
            if back and not os.path.lexists(back):
                path.rename(back)
            else:
                remove(path)
    except OSError:
        return
    finally:
        if handle is not None:
            os.close(handle)


def _left(path: Path, handle: int | None) -> bool:
    if handle is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        except OSError:
            pass
    return time.time() - path.lstat().st_mtime > WEEK


def _exchange(first: Path, second: Path) -> bool:
    """Give two names each other's folder in one step; False where the system or the disk cannot."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if rename(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(first), None, str(second))


def _move_away(new: Path, target: Path) -> None:
    old = _beside(target, OLD + ASIDE_SUFFIX)
    handle = _hold(target)
    try:
        target.rename(old)
        try:
            os.replace(new, target)
        except OSError:
            if not os.path.lexists(target):
                old.rename(target)
            raise
        remove(old)
    finally:
        _release(handle)
