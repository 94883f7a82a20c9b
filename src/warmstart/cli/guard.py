"""A process that ends a server, and all that this has started, when the command that started it is gone.

Its standard input is a pipe whose other end the command holds: however the command dies, the system closes that end.
It runs as ``python guard.py COMMAND …`` and imports nothing of Warmstart.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

PATIENCE = 5.0  # seconds that the server has to end in good order
GROUPS = hasattr(os, "killpg")


def main(command: Sequence[str]) -> int:
    """Run the command in a process group of its own until it ends or standard input does; returns its exit status."""
    for name in ("SIGINT", "SIGHUP"):  # of the terminal, meant for whoever started this
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    hear = _hear if GROUPS else None
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=hear)
    # In a thread: a handler interrupts the wait below, which keeps the lock that asking for the server's end needs.
    signal.signal(
        signal.SIGTERM, lambda number, frame: threading.Thread(target=end, args=(server,), daemon=True).start()
    )
    threading.Thread(target=_watch, args=(server,), daemon=True).start()
    code = server.wait()
    end(server)  # what it has left behind
    return code if code >= 0 else 128 - code


def end(server: subprocess.Popen[bytes]) -> None:
    """End the server's whole group: politely, then by force."""
    for name in ("SIGTERM", "SIGKILL"):
        if not _signal(server, getattr(signal, name, signal.SIGTERM)):
            return
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            server.poll()  # a child that has ended counts as there until it is asked for
            if not _signal(server, 0):
                return
            time.sleep(0.05)


def _signal(server: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the group, 0 for none; whether there is one."""
    try:
        if GROUPS:
            os.killpg(server.pid, number)
        elif server.poll() is None and number:
            server.terminate()
        return GROUPS or server.poll() is None
    except (ProcessLookupError, PermissionError):
        return False


def _hear() -> None:
    """A server that a background job starts would be deaf to interrupts, as that is."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _watch(server: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1):
        pass
    end(server)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
