"""The preloaded process: it imports the libraries while the first stages work, and forks the further ones.

Started as a script by `warmstart.runtime.preload` with the listening socket as descriptor 3. It never imports what is
not a library,
begins no thread but the one that imports, and uses no GPU, so that a fork is like a process that has imported the same.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

_SOURCE = str(Path(__file__).resolve().parents[2])
if __name__ == "__main__":
    sys.path[:] = [_SOURCE, *(place for place in sys.path if Path(place) != Path(__file__).resolve().parent)]

from warmstart.runtime.preload_message import FORWARDED  # noqa: E402
from warmstart.runtime.preload_place import Folder, Served  # noqa: E402
from warmstart.runtime.preload_serve import Server  # noqa: E402


def main() -> None:
    """Serve, as the words of the command line say."""
    folder, name, process, started = sys.argv[1:]

    def end(number: int, frame: FrameType | None) -> None:
        server.over = True
        os.write(server.loader.wake, b".")

    with suppress(OSError):
        sockets = Folder()
        sockets.clear()
        sockets.close()
    gc.disable()
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"  # a library that asks for a GPU does not begin to use it
    logging.getLogger().addHandler(logging.NullHandler())  # as the log of a stage is on before it imports a library
    server = Server(socket.socket(fileno=3), Path(folder), name, Served(int(process), int(started)))
    for number in FORWARDED | {signal.SIGTSTP}:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    server.run()


if __name__ == "__main__":
    main()
