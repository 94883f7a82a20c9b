"""A helper process of a stage, forked from the preloaded process instead of being started anew."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from warmstart.runtime.preload_message import Request, ignored_signals, peer_uid, process_umask, send_request
from warmstart.runtime.preload_place import Folder


class ForkedModule:
    """A process that runs a module: of `subprocess.Popen`, what is needed here. It goes on when its starter ends."""

    def __init__(self, connection: socket.socket, stdin: int, module: str) -> None:
        self.stdin = open(stdin, "wb")  # noqa: SIM115
        self._connection, self._module, self._text = connection, module, b""

    def wait(self, timeout: float) -> int:
        """The exit status, or the negative number of a signal. Raises subprocess.TimeoutExpired."""
        end = time.monotonic() + timeout
        while not (self._text.endswith(b"\n") and b"ended " in self._text):
            self._connection.settimeout(max(0.01, end - time.monotonic()))
            try:
                part = self._connection.recv(100)
            except TimeoutError:
                raise subprocess.TimeoutExpired(self._module, timeout) from None
            if not part:
                return -signal.SIGKILL
            self._text += part
        return os.waitstatus_to_exitcode(int(self._text.split()[-1]))


def start(server: str, module: str, arguments: Sequence[str], log: int, source: str) -> ForkedModule | None:
    """As `warmstart.runtime.preload.fork_module`; server: the name of the socket. Raises OSError."""
    folder = Folder()
    try:
        connection = folder.connect(server)
    finally:
        folder.close()
    if connection is None or peer_uid(connection) != os.getuid():
        return None
    reading, writing = os.pipe()
    request = Request(
        script="",
        module=module,
        argv=[module, *arguments],
        original=[sys.orig_argv[0], "-m", module, *arguments],
        path=[source, *(place for place in sys.path if place != source)],
        environment=dict(os.environ),
        folder=str(Path.cwd()),
        umask=process_umask(),
        ignored=ignored_signals(),
        blocked=[],
        group=0,
        follows=False,
        waits=True,
    )
    try:
        send_request(connection, request, [reading, log, log])
    except OSError:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    return ForkedModule(connection, writing, module)
