"""What a stage and the preloaded process say to each other: one request with the streams of the stage, then lines of
answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# Passed on to the fork by the client, which nothing else tells of them.
FORWARDED = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2})
ALWAYS_IGNORED = frozenset({signal.SIGPIPE, signal.SIGXFSZ})  # by every Python
MAX_FDS = 4
_LENGTH = struct.Struct("!Q")
_PEER = struct.Struct("3i")


@dataclass(frozen=True)
class Request:
    """A process to be forked.

    script: the file that it runs, or module: what ``python -m`` would run. argv, original: ``sys.argv`` and
    ``sys.orig_argv``. path:
    ``sys.path`` at its start. ignored, blocked: signals. group: the process group that it joins; 0: it begins a
    session of its own.
    follows: it ends with its client, and begins only when that has written to a pipe. waits: the client waits until
    the fork can be made,
    instead of doing the work itself. With the request come the descriptors of the three standard streams and, where
    it follows, the
    reading end of the pipe.
    """

    script: str
    module: str
    argv: list[str]
    original: list[str]
    path: list[str]
    environment: dict[str, str]
    folder: str
    umask: int
    ignored: list[int]
    blocked: list[int]
    group: int
    follows: bool
    waits: bool


def send_request(connection: socket.socket, request: Request, descriptors: Sequence[int]) -> None:
    """Send it, and the descriptors with it. Raises OSError."""
    body = json.dumps(asdict(request)).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], list(descriptors))
    connection.sendall(body)


def receive_request(connection: socket.socket) -> tuple[Request, list[int]]:
    """The request and its descriptors, which the caller closes. Raises OSError or ValueError."""
    head, descriptors, _, _ = socket.recv_fds(connection, _LENGTH.size, MAX_FDS)
    try:
        if len(head) != _LENGTH.size:
            raise ValueError("not a request")
        body = b""
        length = int(_LENGTH.unpack(head)[0])
        while len(body) < length:
            part = connection.recv(min(length - len(body), 1 << 20))
            if not part:
                raise ValueError("not a whole request")
            body += part
        return Request(**json.loads(body)), descriptors
    except (OSError, ValueError, TypeError):
        for descriptor in descriptors:
            os.close(descriptor)
        raise


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end."""
    return int(_PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[1])


def process_umask() -> int:
    """The umask of this process, read without a moment in which it is another one."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    raise OSError("no umask in /proc/self/status")


def ignored_signals() -> list[int]:
    """The signals that this process was started to ignore, as by ``nohup``."""
    found = (number for number in signal.valid_signals() if signal.getsignal(number) == signal.SIG_IGN)
    return sorted(int(number) for number in found if number not in ALWAYS_IGNORED)
