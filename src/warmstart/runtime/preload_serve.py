"""The loop of the preloaded process: it forks the stages that are asked for, and says how they have ended."""

from __future__ import annotations

import gc
import os
import select
import selectors
import signal
import socket
import threading
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warmstart.runtime.preload_fork import run_fork
from warmstart.runtime.preload_loader import Loader
from warmstart.runtime.preload_message import FORWARDED, Request, peer_uid, receive_request
from warmstart.runtime.preload_place import STARTED, Served, process_fields

IDLE_SECONDS = 600.0
FIRST_SECONDS = 0.5  # that the first library may take before anything is answered
REQUEST_SECONDS = 5.0  # that a client may take to say what it asks for
_Asked = tuple[socket.socket, Request, list[int]]


@dataclass
class Fork:
    """A running fork. connection: to its client, None where that has gone."""

    process: int
    connection: socket.socket | None
    follows: bool


class Server:
    """Forks stages until the command that it serves has ended, or nothing is asked of it for `IDLE_SECONDS`."""

    def __init__(self, listener: socket.socket, folder: Path, name: str, served: Served) -> None:
        self.listener, self.folder, self.name = listener, folder, name
        self.socket_inode = (folder / name).stat().st_ino
        self.loader = Loader()
        self.forks: dict[int, Fork] = {}  # by their pidfd
        self.waiting: list[_Asked] = []
        self.selector = selectors.DefaultSelector()
        self.served = os.pidfd_open(served.process)
        fields = process_fields(served.process)
        self.over = fields is None or fields[STARTED] != served.started
        for file in (self.listener, self.served, self.loader.looked):
            self.selector.register(file, selectors.EVENT_READ)

    def run(self) -> None:
        self.loader.start()
        # A server whose libraries are broken from the first on is to find that out before it forks.
        if select.select([self.loader.looked], [], [], FIRST_SECONDS)[0]:
            self._see(self.loader.looked)
        used = time.monotonic()
        while (self.forks or not self.over) and time.monotonic() - used < IDLE_SECONDS:
            for key, _ in self.selector.select(timeout=60.0):
                self._see(key.fileobj)
            if self.waiting:
                self._fork_all()
            if self.forks or self.waiting:
                used = time.monotonic()
        self.end()

    def end(self) -> None:
        """End, also in the middle of an import."""
        self._remove_socket()
        os._exit(0)

    def _remove_socket(self) -> None:
        with suppress(OSError):
            place = self.folder / self.name
            if place.stat().st_ino == self.socket_inode:
                place.unlink()
            self.folder.rmdir()  # where it was the last

    def _retire(self) -> None:
        """Fork nothing more, and end when the stages have ended that were forked before."""
        self.over = True
        self._remove_socket()
        if self.listener.fileno() >= 0:
            self.selector.unregister(self.listener)
            self.listener.close()
        asked, self.waiting = self.waiting, []
        for connection, _, descriptors in asked:
            _refuse(connection, descriptors)

    def _see(self, file: object) -> None:
        if file is self.listener:
            self._accept()
        elif file == self.loader.looked:
            os.read(self.loader.looked, 100)
            if self.loader.broken:
                self._retire()
        elif file == self.served:
            self.selector.unregister(self.served)
            self.over = True
        elif isinstance(file, int):
            self._ended(file)
        elif isinstance(file, socket.socket):
            self._client_gone(file)

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        try:
            connection.settimeout(REQUEST_SECONDS)
            if peer_uid(connection) != os.getuid():
                raise PermissionError("another user")
            request, descriptors = receive_request(connection)
        except (OSError, ValueError):
            connection.close()
            return
        self.waiting.append((connection, request, descriptors))

    def _fork_all(self) -> None:
        """Make the forks that are waited for, between two imports."""
        self.loader.go.clear()
        free = self.loader.turn.acquire(blocking=False)
        if free and threading.active_count() > 1 + self.loader.is_alive():  # a library has begun one
            self._retire()  # as it may hold a lock
        asked, self.waiting = self.waiting, []
        while asked:
            connection, request, descriptors = asked.pop(0)
            if free:
                self._fork(connection, request, descriptors, asked)
                for descriptor in descriptors:
                    os.close(descriptor)
            elif request.waits:
                self.waiting.append((connection, request, descriptors))
            else:
                _refuse(connection, descriptors)
        if free:
            self.loader.turn.release()
        if not self.waiting:
            self.loader.go.set()

    def _fork(
        self, connection: socket.socket, request: Request, descriptors: list[int], others: Sequence[_Asked]
    ) -> None:
        server = os.getpid()
        gc.freeze()  # or the collector of the fork copies all of it
        before = signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # about the thread that imports, which waits
            process = os.fork()
        if process == 0:
            self._close_all(others)
            run_fork(request, descriptors, connection, server, self.name)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        fork = Fork(process, connection, request.follows)
        descriptor = os.pidfd_open(process)
        self.forks[descriptor] = fork
        self.selector.register(descriptor, selectors.EVENT_READ)
        self.selector.register(connection, selectors.EVENT_READ)

    def _ended(self, descriptor: int) -> None:
        fork = self.forks.pop(descriptor)
        self.selector.unregister(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(fork.process, 0)
        if fork.connection:
            self.selector.unregister(fork.connection)
            with suppress(OSError):
                fork.connection.sendall(f"ended {status}\n".encode())
            fork.connection.close()

    def _client_gone(self, connection: socket.socket) -> None:
        """A client says nothing more, so what can be read is its end. One that was killed takes its stage with it."""
        self.selector.unregister(connection)
        connection.close()
        for fork in self.forks.values():
            if fork.connection is connection:
                fork.connection = None
                if fork.follows:
                    os.kill(fork.process, signal.SIGKILL)

    def _close_all(self, others: Sequence[_Asked]) -> None:
        """In a fork: close what belongs to the server."""
        for fork in self.forks.values():
            if fork.connection:
                fork.connection.close()
        for descriptor in [*self.forks, self.served, self.loader.looked, self.loader.wake]:
            os.close(descriptor)
        for connection, _, descriptors in others:
            _refuse(connection, descriptors)
        self.listener.close()
        self.selector.close()


def _refuse(connection: socket.socket, descriptors: Sequence[int]) -> None:
    """Let the client do the work itself."""
    connection.close()
    for descriptor in descriptors:
        os.close(descriptor)
