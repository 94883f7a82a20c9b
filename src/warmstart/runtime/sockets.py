"""Room for the sockets by which the processes of one command share what they have: their paths may not be long."""

from __future__ import annotations

import os
import shutil
import tempfile
from multiprocessing import current_process, util

LONGEST = 104  # bytes of a socket's path, on the strictest system
OWN = len("/pymp-12345678/listener-12345678")
SHORT = ("/tmp", "/var/tmp", "/dev/shm")


def keep_sockets_short() -> None:
    """Where the path of the folder for temporary files is too long for a socket, give those alone a folder elsewhere.

    Without one, a loader process that cannot open its socket loses what it has made, and the training waits for that
    for ever.
    """
    if os.name != "posix" or len(os.fsencode(tempfile.gettempdir())) + OWN <= LONGEST:
        return
    for place in SHORT:
        if os.access(place, os.W_OK):
            folder = tempfile.mkdtemp(prefix="pymp-", dir=place)
            current_process()._config["tempdir"] = folder  # type: ignore[attr-defined]
            util.Finalize(None, shutil.rmtree, args=[folder, True], exitpriority=-100)
            return
