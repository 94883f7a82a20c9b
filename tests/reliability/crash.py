"""Ending a process at the n-th change that it makes to its files, as a power switch would, or counting the changes."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

# Python announces these before they happen. Where the path is, and where the descriptor of the folder that it is in.
CHANGES = {
    "os.rename": (0, 2),
    "os.remove": (0, 1),
    "os.rmdir": (0, 1),
    "os.mkdir": (0, 2),
    "os.truncate": (0, None),
    "os.link": (1, 3),
}
CHANGES |= {"os.symlink": (1, 2)}
NEW = ("os.mkdir", "os.link", "os.symlink")  # nothing changes where it is there already
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch_changes(root: str, at: int | None = None, trace: str | None = None) -> None:
    """From now on, count what this process changes below ``root``: every folder made or removed, file renamed or
    removed, and three for every file opened for writing: before, when it is there and empty, and when half of it is
    written.

    at: the change, from 1, at which the process kills itself, before it is made. trace: the file that gets all changes,
    one a line.
    """
    count = 0
    writing: list[str] = []  # the file that was opened last; what a process has not flushed is lost when it is killed

    def change(what: str, path: str) -> bool:
        """Count; returns whether this is the one."""
        nonlocal count
        count += 1
        if trace:
            os.write(log, f"{what} {path}\n".encode())
        return count == at

    def end() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def opened(path: str, flags: int) -> None:
        if change("open", path):
            end()
        if flags & (os.O_TRUNC | os.O_CREAT) and change("empty", path):
            Path(path).write_bytes(b"")
            end()
        writing[:] = [path]

    def half() -> None:
        while writing:
            path = writing.pop()
            if os.path.isfile(path) and os.path.getsize(path) > 1 and change("half", path):
                os.truncate(path, os.path.getsize(path) // 2)
                end()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            name, _, flags = arguments
            if (
                isinstance(name, (str, bytes, os.PathLike))
                and flags & WRITING
                and (path := full(name, None)).startswith(f"{root}/")
            ):
                half()
                opened(path, flags)
        elif event in CHANGES:
            place, descriptor = CHANGES[event]
            path = full(arguments[place], None if descriptor is None else arguments[descriptor])
            if path.startswith(f"{root}/") and os.path.lexists(path) == (event not in NEW):
                half()
                if change(event, path):
                    end()

    log = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644) if trace else -1
    sys.addaudithook(hook)


def full(name: Any, descriptor: Any) -> str:
    """The whole path of what may be named from an open folder."""
    path = os.fsdecode(name)
    if isinstance(descriptor, int) and descriptor >= 0:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink() / path)
    return os.path.abspath(path)
