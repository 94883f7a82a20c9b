"""The side of a stage: it finds or starts the preloaded process, asks it for a fork, and then stands for that until
it ends."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from warmstart.runtime.preload_message import (
    FORWARDED,
    Request,
    ignored_signals,
    peer_uid,
    process_umask,
    send_request,
)
from warmstart.runtime.preload_place import Folder, Served, find_served, socket_name

WAIT_SECONDS = 60.0  # until the fork is made; then the stage does its own work
# Stages that do without the slow libraries: they do not wait for them.
LIGHT = frozenset({"compose", "prepare", "audit", "choose"})
_SERVER = Path(__file__).with_name("preload_server.py")


def ask_for_fork(quiet: Mapping[str, str]) -> str:
    """Run this entry point in a fork and end as it ends. Where no fork can be had, returns the name of the server's
    socket, empty where
    there is no server. quiet: as for `warmstart.runtime.preload.hand_over`. Raises OSError or ValueError.
    """
    served = find_served()
    limits = [resource.getrlimit(number)[0] for number in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    if served is None or set(limits) != {
        resource.RLIM_INFINITY
    }:  # a fork has more libraries in its memory than a stage
        return ""
    entry = Path(sys.argv[0])
    interpreter = sys.orig_argv[: -len(sys.argv)]
    path = sys.path[1:]  # without what the entry point has put first
    folder = Folder()
    try:
        name = socket_name(served, [place for place in path if Path(place) != entry.parent.resolve()], interpreter)
        connection = folder.connect(name)
        light = entry.stem in LIGHT
        if connection is None:
            with folder.listen(name) as listener:
                _start_server([*interpreter, str(_SERVER)], listener, str(folder.path), name, served, quiet)
            connection = None if light else folder.connect(name)
    finally:
        folder.close()
    if connection is not None:
        begin, go = os.pipe()
        try:
            with connection:
                _run_there(connection, path, (begin, go), waits=not light)
        finally:
            os.close(begin)
            os.close(go)
    return name


def _start_server(
    command: Sequence[str],
    listener: socket.socket,
    folder: str,
    name: str,
    served: Served,
    quiet: Mapping[str, str],
) -> None:
    """Start the preloaded process, as nobody's child and in a process group of its own, without any of our streams."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        if os.fork() == 0:
            os.setpgid(0, 0)
            log = os.open(
                os.environ.get("WARMSTART_PRELOAD_LOG") or os.devnull, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600
            )
            for stream in (0, 1, 2):
                os.dup2(log, stream)
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.closerange(4, 1024)
            words = [*command, folder, name, str(served.process), str(served.started)]
            os.execve(sys.executable, words, {**os.environ, **quiet})
    finally:
        os._exit(0)


def _run_there(connection: socket.socket, path: Sequence[str], pipe: tuple[int, int], *, waits: bool) -> None:
    """Run this entry point in a fork and end as it ends; returns where no fork was made."""
    if peer_uid(connection) != os.getuid():
        return
    connection.settimeout(WAIT_SECONDS)
    request = Request(
        script=str(sys.modules["__main__"].__file__),
        module="",
        argv=sys.argv,
        original=sys.orig_argv,
        path=list(path),
        environment=dict(os.environ),
        folder=str(Path.cwd()),
        umask=process_umask(),
        ignored=ignored_signals(),
        blocked=[int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
        group=os.getpgrp(),
        follows=True,
        waits=waits,
    )
    send_request(connection, request, [0, 1, 2, pipe[0]])
    word, _, number = _answer(connection).partition(" ")
    if word != "forked":
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    _stand_aside(os.pidfd_open(int(number)))
    os.write(pipe[1], b"g")
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    connection.settimeout(None)
    try:
        word, _, number = _answer(connection).partition(" ")
        status = int(number) if word == "ended" else int(signal.SIGKILL)  # which a fork gets whose server is killed
    except (OSError, ValueError):
        status = int(signal.SIGKILL)
    _end_as(status)


def _stand_aside(fork: int) -> None:
    """Leave the process group to the fork, which is in it, and pass on what is sent to this process alone: nothing
    arrives twice.

    A signal that was sent to the group while both were in it waits in both of them, and one that waits already does
    not wait twice.
    """

    def forward(number: int, frame: FrameType | None = None) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(fork, number)

    os.setpgid(0, 0)
    for number in FORWARDED:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, forward)
    for number in signal.sigpending() & FORWARDED:
        forward(signal.sigwait({number}))


def _answer(connection: socket.socket) -> str:
    """The next line; empty where the server is gone."""
    text = b""
    while not text.endswith(b"\n"):
        try:
            part = connection.recv(1)
        except ConnectionResetError:
            part = b""
        if not part:
            return ""
        text += part
    return text.decode().strip()


def _end_as(status: int) -> None:
    """End this process as one ended of which ``waitpid`` says this status."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the fork has written one, where one was wanted
        with suppress(OSError):
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {-code})
        os.kill(os.getpid(), -code)
        time.sleep(1)
        code += 256
    os._exit(code)
