"""Readers of photos that other processes can be given. Some files are the end of the process that reads them."""

from __future__ import annotations

import os
import signal

from photos import encoded_photo


class Deadly:
    """A path that is a number gives a photo; one that says ``crash``, ``hang``, ``missing`` or ``text`` does that."""

    def __call__(self, path: str) -> bytes:
        if path.startswith("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        while path.startswith("hang"):
            pass
        if path.startswith("missing"):
            raise FileNotFoundError(2, "No such file or directory")
        return b"no photo" if path.startswith("text") else encoded_photo(int(path))
