"""Put first on PYTHONPATH, this lets a process reach nothing but its own machine; an attempt is noted in $BLOCKED_LOG
and fails.
"""

import os
import socket
from pathlib import Path

_connect, _lookup = socket.socket.connect, socket.getaddrinfo
_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def _refuse(target: object) -> None:
    log = os.environ.get("BLOCKED_LOG")
    if log:
        with Path(log).open("a") as stream:
            stream.write(f"{target}\n")
    raise OSError(f"the network is blocked: {target}")


def _connect_locally(self: socket.socket, address: tuple) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOCAL):
        _refuse(address)
    return _connect(self, address)


def _look_up_locally(host: object, *arguments: object, **options: object) -> list:
    name = host.decode() if isinstance(host, bytes) else host
    if name and not name.startswith(_LOCAL) and name != socket.gethostname():
        _refuse(name)
    return _lookup(host, *arguments, **options)


socket.socket.connect = _connect_locally
socket.getaddrinfo = _look_up_locally
