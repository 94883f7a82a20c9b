"""Where the preloaded process of a ``dvc`` or ``warmstart`` listens: a socket whose name stands for all that it has
in common with a stage.

A stage that differs from it in anything that a library may have read while it was imported finds no socket of that
name.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SERVED = ("dvc", "warmstart")
# What differs from stage to stage of one DVC, or says nothing about the process that a library could use.
STAGE_VARIABLES = frozenset({"DVC_STAGE", "DVC_ROOT", "PWD", "OLDPWD", "SHLVL", "_"})
_OPTIONS_WITH_VALUE = ("-X", "-W", "--check-hash-based-pycs")
_PARENT, _SESSION, STARTED = 1, 3, 19  # fields of /proc/PID/stat after the name, which is in parentheses


@dataclass(frozen=True)
class Served:
    """The ``dvc`` or ``warmstart`` that started this process. started: when, in clock ticks since boot, as numbers
    are given anew."""

    process: int
    started: int


def find_served() -> Served | None:
    """The outermost ancestor that is ``dvc`` or ``warmstart``, of those in the session of this process."""
    session, found, process = os.getsid(0), None, os.getppid()
    while process > 1:
        fields = process_fields(process)
        if fields is None or fields[_SESSION] != session:
            break
        if _is_served(Path(f"/proc/{process}/cmdline").read_bytes()):
            found = Served(process, fields[STARTED])
        process = fields[_PARENT]
    return found


def process_fields(process: int) -> list[int] | None:
    """The numbers in /proc/PID/stat after the state; None where there is no such process."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    words = text.rpartition(")")[2].split()
    return [0, *(int(word) for word in words[1:])]


def _is_served(command: bytes) -> bool:
    words = [os.fsdecode(word) for word in command.split(b"\0")]
    if Path(words[0]).name in SERVED:
        return True
    if not Path(words[0]).name.startswith(("python", "pypy")):
        return False
    rest = iter(words[1:])
    for word in rest:
        if word in _OPTIONS_WITH_VALUE:
            next(rest, "")
        elif not word.startswith("-"):  # a script, or the module after -m
            path = Path(word)
            return path.name in SERVED or (path.name == "__main__.py" and path.parent.name in SERVED)
    return False


def socket_name(served: Served, path: list[str], interpreter: list[str]) -> str:
    """The name of the socket. path: ``sys.path`` without the folders of this project. interpreter: Python and its
    options."""
    common = {
        "interpreter": [*interpreter, sys.executable, sys.version, sys.prefix],
        "environment": sorted((key, value) for key, value in os.environ.items() if key not in STAGE_VARIABLES),
        "path": path,
        "packages": [_packages(folder) for folder in path],
        "own": [Path(file).stat().st_mtime_ns for file in sorted(Path(__file__).parent.glob("preload*.py"))],
        "folder": [__file__, str(Path.cwd())],
        "session": os.getsid(0),
        "user": [os.getresuid(), os.getresgid(), os.getgroups()],
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "processors": sorted(os.sched_getaffinity(0)),
        "limits": [resource.getrlimit(number) for number in range(16)],
    }
    digest = hashlib.sha256(json.dumps(common).encode()).hexdigest()[:16]
    return f"{served.process}-{served.started}-{digest}"


def _packages(folder: str) -> list[tuple[str, int]]:
    """Which distributions are installed in a folder of ``sys.path``, and since when."""
    if not folder.endswith(("site-packages", "dist-packages")):
        return []
    with suppress(OSError), os.scandir(folder) as entries:
        found = (entry for entry in entries if entry.name.endswith((".dist-info", ".egg-info", ".pth", ".egg-link")))
        return sorted((entry.name, entry.stat().st_mtime_ns) for entry in found)
    return []


class Folder:
    """The folder with the sockets, which only its owner may enter. Raises OSError where it cannot be had."""

    def __init__(self) -> None:
        self.path = Path(os.environ.get("TMPDIR") or "/tmp") / f"warmstart-{os.getuid()}"
        with suppress(FileExistsError):
            self.path.mkdir(mode=0o700)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        info = os.fstat(self._descriptor)
        if info.st_uid != os.getuid() or stat.S_IMODE(info.st_mode) & 0o077:
            os.close(self._descriptor)
            raise PermissionError(f"{self.path} is not private")

    def address(self, name: str) -> str:
        """Of a socket in it, short enough for one whatever the folder's path is; valid in this process."""
        return f"/proc/self/fd/{self._descriptor}/{name}"

    def connect(self, name: str) -> socket.socket | None:
        """A connection; None where nobody listens."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(self.address(name))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            return None
        except OSError:
            connection.close()
            raise
        return connection

    def listen(self, name: str) -> socket.socket:
        """A new socket of this name, to which a process that has ended may have left a file."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._descriptor)
            listener.bind(self.address(name))
            listener.listen(16)
        except OSError:
            listener.close()
            raise
        return listener

    def clear(self) -> None:
        """Remove the sockets to which nobody listens any more."""
        for name in os.listdir(self._descriptor):
            with suppress(OSError, ValueError):
                process, started, _ = name.split("-")
                fields = process_fields(int(process))
                if fields is None or fields[STARTED] != int(started):
                    os.unlink(name, dir_fd=self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)
