"""However ``warmstart ui`` ends, all that it started ends with it, and the port and the database are free."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui_process import alive, free, give, make_checkout, until_open, wait_until
from warmstart.cli import ui

# As MLflow: a server and workers, of which one does not hear the polite word; each writes its number.
SERVER = """
import os, signal, socket, subprocess, sys, time
worker = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
workers = [subprocess.Popen([sys.executable, "-c", code]) for code in ("import time; time.sleep(60)", worker)]
time.sleep(0.3)
with open("pids.tmp", "w") as file:
    file.write(" ".join(str(pid) for pid in (os.getppid(), os.getpid(), *(w.pid for w in workers))))
os.rename("pids.tmp", "pids")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # and forgets its workers
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    listener.accept()
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    root = make_checkout(tmp_path / "a%2Fb #ü")
    yield root
    if (root / "pids").exists():
        for pid in (root / "pids").read_text().split():
            if alive(int(pid)):
                os.kill(int(pid), signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc which processes there are")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_that_was_started_stays(number: int, place: Path) -> None:
    deaf = number == signal.SIGKILL  # the polite word is given first, and some seconds
    (place / "server.py").write_text(SERVER if deaf else SERVER.replace("signal.SIG_IGN", "signal.SIG_DFL"))
    port = ui.free_port(20_000 + number * 100)
    with give(place, port, str(place / "server.py")) as process:
        until_open(process)
        pids = [int(pid) for pid in (place / "pids").read_text().split()]
        assert len(pids) == 4 and all(alive(pid) for pid in pids)
        process.send_signal(number)
        code = process.wait(30)
    if number != signal.SIGKILL:
        assert code == 128 + number and not any(alive(pid) for pid in pids), "all has ended when the command has"
    wait_until(lambda: not any(alive(pid) for pid in pids))
    assert free(port)


def test_a_server_that_ends_by_itself_takes_its_workers_along(place: Path) -> None:
    (place / "server.py").write_text(
        SERVER.replace("signal.SIG_IGN", "signal.SIG_DFL").replace(
            "while True:\n    listener.accept()", "listener.accept()\ntime.sleep(1)"
        )
    )
    with give(place, ui.free_port(21_000), str(place / "server.py")) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1 and "MLflow ended by itself" in err and "ui.log" in err
    wait_until(lambda: not any(alive(int(pid)) for pid in (place / "pids").read_text().split()))
