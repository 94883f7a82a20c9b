"""What a fork of the preloaded process does: it becomes the process that its client would have been, and runs its
entry point."""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import importlib.machinery
import io
import logging
import os
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from warmstart.runtime.preload import MARK
from warmstart.runtime.preload_message import ALWAYS_IGNORED, Request

_PR_SET_PDEATHSIG = 1


def run_fork(request: Request, descriptors: Sequence[int], connection: socket.socket, parent: int, server: str) -> None:
    """Be the process that is asked for. Never returns. parent: the process that has forked this one. server: its
    socket's name."""
    status = 1
    try:
        _become(request, descriptors, parent)
        connection.sendall(f"forked {os.getpid()}\n".encode())
        connection.close()
        if request.follows and os.read(descriptors[-1], 1) != b"g":
            os._exit(0)  # the client does the work itself, or is no more
        for descriptor in descriptors:
            os.close(descriptor)
        status = _run(request, server)
    finally:
        os._exit(status)


def _become(request: Request, descriptors: Sequence[int], parent: int) -> None:
    """Take over all that a process gets from the one that starts it."""
    if request.follows:
        _end_with(parent)
    os.setpgid(0, request.group) if request.group else os.setsid()
    os.chdir(request.folder)
    os.umask(request.umask)
    os.environ.clear()
    os.environ.update(request.environment)
    _reset_signals(request.ignored)
    _refresh(request)
    _take_streams(descriptors)


def _take_streams(descriptors: Sequence[int]) -> None:
    for number, (name, descriptor) in enumerate(zip(("stdin", "stdout", "stderr"), descriptors, strict=False)):
        os.dup2(descriptor, number)
        stream = _open_stream(number, name)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _open_stream(number: int, name: str) -> io.TextIOWrapper:
    """As Python opens its standard streams. What kind of file it is decides on some of it, so that of the server
    would not do."""
    old: io.TextIOWrapper = getattr(sys, name)
    raw = io.FileIO(number, "w" if number else "r", closefd=False)
    raw.name = f"<{name}>"
    buffer = io.BufferedReader(raw) if number == 0 else raw if old.write_through else io.BufferedWriter(raw)
    by_line = not old.write_through and (number == 2 or raw.isatty())
    stream = io.TextIOWrapper(buffer, old.encoding, old.errors, "\n", by_line, old.write_through)
    vars(stream)["mode"] = "w" if number else "r"
    return stream


def _end_with(parent: int) -> None:
    """Be killed when the preloaded process is: nobody else would know of this one."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def _reset_signals(ignored: Sequence[int]) -> None:
    """Answer signals as Python does at its start. They stay blocked for now."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if number in ignored or number in ALWAYS_IGNORED:
            signal.signal(number, signal.SIG_IGN)
        elif number == signal.SIGINT:
            signal.signal(number, signal.default_int_handler)
        elif signal.getsignal(number) != signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)


def _refresh(request: Request) -> None:
    """Make new what a process has from its start, or from the system, and what is left of the preloaded process."""
    sys.argv[:], sys.orig_argv[:], sys.path[:] = request.argv, request.original, request.path
    importlib.invalidate_caches()
    # Python's own generator is seeded anew by every fork.
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()
    if torch := sys.modules.get("torch"):
        torch.default_generator.seed()  # that of a GPU has always the same
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, logging.NullHandler)]
    gc.enable()
    for name in [name for name in sys.modules if name.partition(".")[0] == "warmstart"]:
        del sys.modules[name]  # so that an edit is seen
    _show_command(sys.orig_argv)


def _show_command(words: Sequence[str]) -> None:
    """Let ``ps`` show the stage's command, as far as there is room for it."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    begin, end = int(fields[45]), int(fields[46])
    line = b"\0".join(os.fsencode(word) for word in words)
    if 0 < begin < end:
        ctypes.memmove(begin, line[: end - begin - 1].ljust(end - begin, b"\0"), end - begin)


def _run(request: Request, server: str) -> int:
    """Run the program to its end; returns the exit status, or ends by a signal, as Python would."""
    mark = ModuleType(MARK)
    mark.server = server  # type: ignore[attr-defined]
    mark.begin = lambda: signal.pthread_sigmask(signal.SIG_SETMASK, request.blocked)  # type: ignore[attr-defined]
    sys.modules[MARK] = mark
    try:
        if request.module:
            mark.begin()
            runpy.run_module(request.module, run_name="__main__", alter_sys=True)
        else:
            _run_script(request.script)
        status = 0
    except SystemExit as error:
        status = _status_of(error)
    except BaseException as error:
        for _ in range(2):  # without the frames of this file
            error.__traceback__ = error.__traceback__.tb_next if error.__traceback__ else None
        sys.excepthook(type(error), error, error.__traceback__)
        status = -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return _finish(status)


def _run_script(script: str) -> None:
    main = ModuleType("__main__")
    loader = importlib.machinery.SourceFileLoader("__main__", script)
    main.__file__, main.__loader__, main.__spec__, main.__package__ = script, loader, None, None
    main.__dict__.update({"__builtins__": __builtins__, "__cached__": None})
    sys.modules["__main__"] = main
    exec(loader.source_to_code(Path(script).read_bytes(), script), main.__dict__)


def _status_of(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return int(error.code or 0) & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def _finish(status: int) -> int:
    """What Python does at its end, but for the second in which it would take every loaded module apart."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:
            status = status if stream is sys.stderr else 120
            with suppress(Exception):
                sys.stderr.write(f"Exception ignored in: {stream!r}\n{type(error).__name__}: {error}\n")
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status
