"""A process that has the libraries loaded and forks children, each of which does one job and ends as a process of its
own.

Started by `reliability.nursery.Nursery`, which speaks to it in lines of JSON. It never runs a job itself, so it has one
thread.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import sys
import tempfile
import threading
import time
import traceback
from typing import Any

# What a training and a command import besides the stages that are loaded.
LIBRARIES = (
    "albumentations",
    "hydra",
    "hydra.core.global_hydra",
    "omegaconf",
    "rich.progress",
    "torch.utils.data",
    "torch.optim",
)


def main() -> int:
    """Answer ``start`` with a process number and ``wait`` with an exit status, until standard input closes."""
    sys.path[:0] = [f"{sys.argv[1]}/src", f"{sys.argv[1]}/pipelines"]
    for name in (
        "warmstart.training.train_recipe",
        "warmstart.ingest.prepare",
        "warmstart.features.feature_cache",
        *LIBRARIES,
    ):
        importlib.import_module(name)
    gc.freeze()  # or the children's collector copies all of it
    say("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            say(wait(request["wait"], request["seconds"]))
            continue
        number = os.fork()
        if number == 0:
            end(status_of(request))
        say(number)
    return 0


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def wait(number: int, seconds: float) -> int | None:
    """The exit status of a child, the negative number of the signal that ended it, or None, killed, where it has not
    ended in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(number, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.003)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    return None


def status_of(job: dict[str, Any]) -> int:
    """Do one job as a command from a terminal would; returns its exit status, or the negative number of the signal to
    end by.
    """
    try:
        work(job)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        return -signal.SIGINT
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def end(status: int) -> None:
    """End this process as the interpreter would, but for the second in which it would take every loaded
    module apart.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def work(job: dict[str, Any]) -> None:
    """Do one job: a script, or a function of `reliability.jobs`."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    log, errors = (os.open(job[key], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) for key in ("log", "errors"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, stream in ((nothing, 0), (log, 1), (errors, 2)):
        os.dup2(number, stream)
    os.environ.update(job["environment"])
    tempfile.tempdir = None  # as the environment says
    os.chdir(job["folder"])
    for name in [name for name in sys.modules if name.split(".")[0] == "warmstart"] if job["fresh"] else []:
        del sys.modules[name]
    if job["crash"]:
        from reliability.crash import watch_changes

        watch_changes(**job["crash"])
    if job["script"]:
        sys.argv = job["script"]
        sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        getattr(importlib.import_module("reliability.jobs"), job["call"])(**job["arguments"])


if __name__ == "__main__":
    sys.exit(main())
