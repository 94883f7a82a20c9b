"""Handing a stage over to a process that has the libraries loaded, so that imports are paid once for all stages of a
``dvc repro``.

The first stage that ``dvc`` or ``warmstart`` starts leaves such a process behind
(`warmstart.runtime.preload_server`), which ends with
them. Nothing here imports more than Python's own library. Wherever something is missing, the stage runs as it would
without.
docs/preload.md says more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmstart.runtime.preload_module import ForkedModule

SWITCH = "WARMSTART_PRELOAD"  # 0: off
MARK = "_warmstart_preloaded"  # the module that a fork finds in sys.modules
_server = ""  # the name of the server's socket, once it is known


def hand_over(quiet: Mapping[str, str]) -> None:
    """Let a preloaded process run this entry point in the place of this one, and end as that ends; returns where
    there is none.

    To be called before the libraries are imported. quiet: environment variables that are set before any library is
    imported.
    """
    global _server
    if mark := sys.modules.get(MARK):
        _server = mark.server
        mark.begin()
        return
    if not _possible():
        return
    with suppress(OSError, ValueError):
        from warmstart.runtime.preload_client import ask_for_fork

        _server = ask_for_fork(quiet)


def fork_module(module: str, arguments: Sequence[str], log: int, source: str) -> ForkedModule | None:
    """Run ``python -m module arguments…`` in a fork, in a session of its own and with its output in the descriptor
    ``log``.

    source: the folder that the module is found in. Returns None where there is no preloaded process.
    """
    if _server:
        with suppress(OSError, ValueError):
            from warmstart.runtime.preload_module import start

            return start(_server, module, arguments, log, source)
    return None


def _possible() -> bool:
    """Whether this is a stage of DVC, its entry point as Python has started it, on a system with all that is used here.

    What ``warmstart`` starts besides DVC is one process, which would leave a server behind for nothing.
    """
    main = getattr(sys.modules["__main__"], "__file__", None)
    return (
        sys.platform == "linux"
        and os.environ.get(SWITCH) != "0"
        and "DVC_STAGE" in os.environ
        and hasattr(os, "pidfd_open")
        and main is not None
        and Path(main).parent.name == "pipelines"
        and Path(main) == Path(sys.argv[0]).absolute()
        and sys.orig_argv[-len(sys.argv) :] == sys.argv
        and sys.gettrace() is None
        and sys.getprofile() is None
        and os.getpgrp() != os.getpid()
        and None not in (sys.stdin, sys.stdout, sys.stderr)
    )
