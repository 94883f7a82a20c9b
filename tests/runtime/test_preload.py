"""A stage that is forked from the preloaded process is like one that was started: what it sees, prints and leaves
behind.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from runtime.served import Served, exits, lines, parsed, servers
from support import CHECKOUT, python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no preloaded process")
FORKED = "forked = '_warmstart_preloaded' in sys.modules\n"
# What a process sees of itself.
PORTRAIT = (
    """
import gc, json, logging, os, resource, signal, sys, threading
from multiprocessing import process
"""
    + FORKED
    + """
main = sys.modules["__main__"]
streams = [
    [repr(stream), stream.line_buffering, stream.write_through, stream.errors, stream.isatty(), stream.seekable(), type(stream.buffer).__name__]
    for stream in (sys.stdin, sys.stdout, sys.stderr)
]
handlers = {}
for number in sorted(signal.valid_signals()):
    answer = signal.getsignal(number)
    handlers[int(number)] = getattr(answer, "__name__", str(answer))
seen = {
    "argv": sys.argv, "original": sys.orig_argv, "path": sys.path, "environment": dict(os.environ), "folder": os.getcwd(),
    "umask": os.umask(0), "nice": os.nice(0), "session": os.getsid(0) == os.getsid(os.getsid(0)), "group": os.getpgrp() == os.getsid(0),
    "limits": [resource.getrlimit(n) for n in range(16)], "handlers": handlers, "blocked": sorted(signal.pthread_sigmask(0, ())),
    "streams": streams, "stdin": sys.stdin.read(), "main": [main.__file__, main.__spec__, main.__package__, type(main.__loader__).__name__, __name__],
    "collector": gc.isenabled(), "threads": threading.active_count(), "log": [repr(one) for one in logging.getLogger().handlers],
    "files": sorted(os.listdir("/proc/self/fd")), "here": process.ORIGINAL_DIR, "processors": sorted(os.sched_getaffinity(0)),
    "flags": str(sys.flags), "command": open("/proc/self/cmdline", errors="replace").read().rstrip(chr(0)), "dumpable": resource.getrlimit(resource.RLIMIT_CORE),
    "own": [name for name in sys.modules if name.startswith("warmstart")], "same": sys.stdout is sys.__stdout__,
}
seen["environment"].pop("WARMSTART_PRELOAD", 0)
print(json.dumps([forked, seen]), flush=True)
"""
)
ODD = ["", " ", "a b", "ü\n\t'\"$`\\", "--x=*", "\udcff", "-"]


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path / "a project")


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


@pytest.mark.parametrize("variant", ["as usual", "unbuffered", "nohup", "to a file", "mask and limits"])
def test_a_fork_is_what_a_process_would_be(served: Served, tmp_path: Path, variant: str) -> None:
    (tmp_path / "in").write_text("read\n")
    command = served.stage(
        PORTRAIT, *ODD, ODD="ü=\n;\udcfe", **({"PYTHONUNBUFFERED": "1"} if variant == "unbuffered" else {})
    )

    def prepare() -> None:
        if variant == "nohup":
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if variant == "mask and limits":
            import resource

            os.umask(0o027)
            os.nice(3)
            resource.setrlimit(resource.RLIMIT_NOFILE, (500, 900))
            resource.setrlimit(resource.RLIMIT_STACK, (2**22, 2**24))
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    portraits = []
    for switch in ("1", "0"):
        command["environment"]["WARMSTART_PRELOAD"] = switch
        with (tmp_path / "in").open() as text:
            if variant == "to a file":
                shell = {**command, "words": ["/bin/sh", "-c", 'exec "$@" > out 2>&1', "sh", *command["words"]]}
                served.run(shell, stdin=text, preexec_fn=prepare)
                said = (served.root / "out").read_text()
            else:
                said = served.run(command, stdin=text, preexec_fn=prepare)
        portraits.append(parsed(said)[-1])
    (forked, there), (not_forked, here) = portraits
    assert forked and not not_forked
    for key in here:
        assert there[key] == here[key], key
    assert here["stdin"] == "read\n" and here["argv"][2:] == ODD
    assert variant != "nohup" or here["handlers"]["1"] == "Handlers.SIG_IGN" or here["handlers"]["1"] == "1"


def test_what_one_stage_has_is_not_what_the_next_has(served: Served) -> None:
    code = "import os, signal, sys\n" + FORKED
    code += "print('seen', os.getppid() if forked else 0, os.umask(0), signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, os.environ.get('DVC_ROOT'), flush=True)"
    other = served.stage(code, DVC_ROOT="x")
    other["words"] = ["/bin/sh", "-c", "umask 077; trap '' HUP; exec \"$@\"", "sh", *other["words"]]
    first, second, third = (
        line.split() for line in lines(served.run(served.stage(code), other, served.stage(code)), "seen")
    )
    assert first == third and first[0] == second[0] != "0"
    assert second[1:] == [str(0o077), "True", "x"] and first[1] != str(0o077) and first[2:] == ["False", "None"]


def test_closed_streams_are_not_handed_over(served: Served) -> None:
    code = "import os, sys\n" + FORKED + "open('out', 'a').write(f'{forked} {sys.stdin} {sys.stdout}\\n')"
    command = served.stage(code)
    command["words"] = ["/bin/sh", "-c", 'exec "$@" <&- >&-', "sh", *command["words"]]
    served.run_both(command)
    assert (served.root / "out").read_text().splitlines() == ["False None None"] * 2


ENDS = [
    "pass", "sys.exit()", "sys.exit(3)", "sys.exit(300)", "sys.exit('so')", "raise ValueError('fault')", "os._exit(7)", "print('not flushed')",
    "def f():\n    1 / 0\nf()", "os.kill(os.getpid(), signal.SIGKILL)", "os.kill(os.getpid(), signal.SIGSEGV)", "os.abort()",
    "import atexit; atexit.register(print, 'at exit')", "import threading; threading.Thread(target=lambda: (time.sleep(0.3), print('thread'))).start()",
    "raise KeyboardInterrupt", "import concurrent.futures as c; c.ThreadPoolExecutor().submit(print, 'pool')", "syntax error",
    "import multiprocessing as m; p = m.get_context('fork').Process(target=print, args=('child',)); p.start(); "
    "p.join()",
    "sys.stderr.write('half a line')",
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_the_same_way(served: Served, end: str) -> None:
    code = "import os, signal, sys, time, resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n" + FORKED
    there, here = served.run_both(served.stage(f"{code}print('forked', forked, flush=True)\n{end}"))
    assert lines(there, "forked") + lines(here, "forked") == ([] if end == "syntax error" else ["True", "False"])
    assert exits(there) == exits(here)

    def rest(said: str) -> list[str]:
        return [line for line in said.splitlines() if not line.startswith(("started", "forked"))]

    assert rest(there) == rest(here)


COUNT = (
    """
import os, signal, sys, time
heard = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT):
    signal.signal(number, lambda number, frame: heard.append(int(number)))
"""
    + FORKED
    + """
print("at work", forked, os.getpid(), flush=True)
end = time.monotonic() + 30
while not heard and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.5)
print("heard", heard, flush=True)
"""
)


def until(process: Any, begin: str) -> list[str]:
    """The words after ``begin`` of the first line that begins so."""
    for line in process.stdout:
        if line.startswith(begin):
            return str(line).removeprefix(begin).split()
    raise AssertionError(f"it never said {begin}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT])
@pytest.mark.parametrize("whom", ["the group", "the client"])
def test_a_signal_arrives_once(served: Served, number: int, whom: str) -> None:
    deaf = f"import signal; signal.signal({int(number)}, lambda *a: None)\n"
    (served.root / "bin/dvc").write_text(deaf + (served.root / "bin/dvc").read_text())
    process = served.start(served.stage(COUNT))
    (client,) = until(process, "started")
    assert until(process, "at work")[0] == "True"
    os.killpg(process.pid, number) if whom == "the group" else os.kill(int(client), number)
    assert until(process, "heard") == [f"[{int(number)}]"]
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_stages_say_it_once(served: Served, number: int) -> None:
    code = "import time\nwith interrupts.raising():\n    try:\n        print('at work', flush=True)\n        time.sleep(30)\n"
    code += "    except KeyboardInterrupt as error:\n        sys.exit(interrupts.exit_status(error.number))\n"
    process = served.start(served.stage(code))
    (client,) = until(process, "started")
    until(process, "at work")
    os.kill(int(client), number)
    said, _ = process.communicate(timeout=30)
    assert exits(said) == [128 + number] and said.count("the same command goes on") == 1, said


def test_a_signal_at_any_moment_leaves_nothing_behind(served: Served) -> None:
    """Also while the client waits, the fork is made, and it takes over."""
    for delay in (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        process = served.start(served.stage("import time\nprint('at work', flush=True)\ntime.sleep(20)"))
        (client,) = until(process, "started")
        time.sleep(delay)
        os.kill(int(client), signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
        assert exits(said)[0] in (128 + signal.SIGTERM, -signal.SIGTERM), said  # the latter before Python listens
        assert "Traceback" not in said, said


def test_with_the_client_dies_its_stage(served: Served) -> None:
    process = served.start(served.stage(COUNT))
    (client,) = until(process, "started")
    _, fork = until(process, "at work")
    os.kill(int(client), signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{fork}").exists())
    assert exits(process.communicate()[0]) == [-signal.SIGKILL]


def test_with_the_server_dies_its_stage(served: Served) -> None:
    process = served.start(served.stage(COUNT))
    _, fork = until(process, "at work")
    (server,) = servers(served.root)
    os.kill(server, signal.SIGKILL)
    assert exits(process.communicate(timeout=20)[0]) == [-signal.SIGKILL]
    wait_for(lambda: not Path(f"/proc/{fork}").exists())


def test_a_signal_that_waits_while_the_client_stands_aside_is_passed_on(tmp_path: Path) -> None:
    """To a fork in which it may wait as well: it is sent before that hears signals, so it arrives once."""
    code = """
import os, signal, subprocess, sys
from warmstart.runtime import preload_client as client
fork = subprocess.Popen(["sleep", "60"])
signal.pthread_sigmask(signal.SIG_BLOCK, client.FORWARDED)
os.kill(os.getpid(), signal.SIGTERM)
client._stand_aside(os.pidfd_open(fork.pid))
assert fork.wait(10) == -signal.SIGTERM and not signal.sigpending() and os.getpgrp() == os.getpid()
"""
    done = python("-c", code, cwd=tmp_path, PYTHONPATH=str(CHECKOUT / "src"))
    assert done.returncode == 0, done.stderr


def test_a_terminal_is_the_stages_own(served: Served) -> None:
    code = (
        """
import os, sys, time
"""
        + FORKED
        + """
print("seen", forked, sys.stdin.isatty(), sys.stdout.isatty(), os.tcgetpgrp(0) == os.getpgrp(), open("/dev/tty").isatty(), input(), flush=True)
with interrupts.raising():
    try:
        print("at work", flush=True)
        time.sleep(30)
    except KeyboardInterrupt as error:
        sys.exit(interrupts.exit_status(error.number))
"""
    )
    import json

    deaf = "import signal; signal.signal(signal.SIGINT, lambda *a: None)\n"
    (served.root / "bin/dvc").write_text(deaf + (served.root / "bin/dvc").read_text())
    words = [sys.executable, "bin/dvc", json.dumps(served.stage(code))]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(served.root)
        os.execve(sys.executable, words, served.environment)
    said = ""

    def read(what: str) -> None:
        nonlocal said
        end = time.monotonic() + 30
        while what not in said:
            assert time.monotonic() < end, said
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 1000).decode()

    read("started")
    os.write(terminal, b"typed\n")
    read("at work")
    os.write(terminal, b"\x03")
    read("exited")
    os.waitpid(process, 0)
    assert "seen True True True True True typed" in said
    assert "exited 130" in said and said.count("the same command goes on") == 1, said


def test_processes_of_the_stage_find_its_program(served: Served) -> None:
    """Those that import it anew do not hand over themselves."""
    code = """
import multiprocessing
from warmstart.runtime.sockets import keep_sockets_short
keep_sockets_short()
for method in ("spawn", "forkserver", "fork"):
    with multiprocessing.get_context(method).Pool(1) as pool:
        print("pool", *pool.map(work, [1, 2]), flush=True)
"""
    entry = served.root / "pipelines/stage.py"
    entry.write_text(entry.read_text().replace("if __name__", "def work(x):\n    return 2 * x\n\nif __name__"))
    assert lines(served.run(served.stage(code)), "pool") == ["2 4"] * 3
