"""DVC's output in plain words: a line a stage, all of it in a log, a failing stage's own message; and nothing left
runner.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from support import CHECKOUT
from warmstart.cli import runner, stopping
from warmstart.cli.checkout import Checkout
from warmstart.cli.runner import Runner
from warmstart.cli.stage_view import StageView
from warmstart.errors import UserError
from warmstart.text.file_sizes import format_bytes

REPRO = """Stage 'compose' didn't change, skipping
Running stage 'prepare':
> python pipelines/prepare.py -cp artifacts/x/conf -cn prepare
decoding: 64 of 128
skipped 1 files: a.jpg (empty file)
Updating lock file 'dvc.lock'

Stage 'audit' is cached - skipping run, checking out outputs
Running stage 'train@scratch':
> python pipelines/train.py
/x/y.py:3: UserWarning: nobody wants to know
expect about 12 min for 30 epochs, less if it stops early
epoch 1/30  train 0.5
Updating lock file 'dvc.lock'
Use `dvc push` to send your updates to remote storage.
"""


def run_script(checkout: Checkout, text: str, code: int = 0, error: str = "") -> Path:
    script = checkout.root / "say.py"
    script.write_text(f"import sys\nsys.stdout.write({text!r})\nsys.stderr.write({error!r})\nsys.exit({code})\n")
    log = checkout.root / "artifacts/x/run.log"
    Runner(checkout, log)(["python", "say.py"])
    return log


def test_every_stage_is_a_line_and_all_output_is_kept(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    log = run_script(checkout, REPRO)
    assert capsys.readouterr().out.splitlines() == [
        "$ python say.py",
        "  photos decoded and split (0 s)",
        "    skipped 1 files: a.jpg (empty file)",
        "  photos checked for faults: as in an earlier run",
        "  scratch: expect about 12 min for 30 epochs, less if it stops early",
        "  scratch trained (0 s)",
    ]
    assert log.read_text() == "$ python say.py\n" + REPRO


def test_nothing_to_do_is_said(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    run_script(checkout, "Stage 'compose' didn't change, skipping\nData and pipelines are up to date.\n")
    assert capsys.readouterr().out.splitlines()[1:] == ["  nothing to do: everything is up to date"]


def test_a_stage_that_fails_says_why_in_its_as_options(checkout: Checkout) -> None:
    words = "error: class 'cat' has 2 readable images\n"
    end = "ERROR: failed to reproduce 'prepare': failed to run: python pipelines/prepare.py, exited with 1\n"
    with pytest.raises(UserError) as caught:
        run_script(checkout, "Running stage 'prepare':\n", 1, words + end)
    assert str(caught.value).startswith("class 'cat' has 2 readable images\n") and "run.log" in str(caught.value)
    assert end in (checkout.root / "artifacts/x/run.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_stops_what_was_started(checkout: Checkout, number: int) -> None:
    child = checkout.root / "wait.py"
    child.write_text(
        "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nprint('here', flush=True)\ntime.sleep(60)\n"
    )
    parent = (
        "from pathlib import Path; from warmstart.cli.runner import Runner\n"
        "from warmstart.cli.checkout import Checkout\n"
        "from warmstart.runtime.console import exit_on_user_error\n"
        f"root = Path({str(checkout.root)!r})\n"
        "with exit_on_user_error(): Runner(Checkout(root), root / 'run.log')(['python', 'wait.py'])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}
    process = subprocess.Popen(
        [sys.executable, "-c", parent], env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # which a job in the background may be deaf to
    )  # fmt: skip
    pid = checkout.root / "pid"
    while not (pid.exists() and pid.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number and "the same command goes on" in err
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_just_when_it_has_started_stops_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    begun: list[subprocess.Popen[str]] = []

    class Signalled(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            begun.append(self)
            os.kill(os.getpid(), number)

    monkeypatch.setattr(subprocess, "Popen", Signalled)
    before = signal.signal(number, signal.default_int_handler)  # tests that run in the background are deaf to Ctrl-C
    try:
        with (
            pytest.raises(KeyboardInterrupt),
            runner.started([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path),
        ):
            pytest.fail("it goes on in spite of the signal")
        assert begun[0].poll() is not None, "it lives on, and nobody knows of it"
    finally:
        signal.signal(number, before)
        begun[0].kill()


def test_sizes_read_well() -> None:
    assert [format_bytes(n) for n in (512, 4e7, 1.23e9)] == ["512 bytes", "40 MB", "1.2 GB"]


# As DVC: deaf while a stage runs, and it goes on where that ends well. The first stage loses the interrupt, as one that
# is just ending.
LOSES_IT = """
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
first = "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(0)); print('here', flush=True); time.sleep(60)"
second = "import time; open('second', 'w').close(); time.sleep(60)"
for code in (first, second):
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\\n" + code])
    if child.wait():
        open("heard", "w").close()
        sys.exit(1)
"""


def test_an_interrupt_that_a_stage_loses_stops_the_next(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / "lose.py").write_text(LOSES_IT)
    monkeypatch.setattr(stopping, "SILENT_SECONDS", 0.0)
    runner = Runner(checkout, checkout.root / "run.log")
    monkeypatch.setattr(
        StageView, "add", lambda self, line: (_ for _ in ()).throw(KeyboardInterrupt) if line == "here" else None
    )
    with pytest.raises(KeyboardInterrupt):
        runner(["python", "lose.py"])
    assert (checkout.root / "second").exists() and (checkout.root / "heard").exists(), (
        "interrupted, not ended by force after a wait"
    )


def test_what_takes_time_to_stop_is_said(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "import signal, sys, time\nsignal.signal(signal.SIGINT, lambda *_: (time.sleep(1), sys.exit(0)))\nprint('here', flush=True)\ntime.sleep(60)"
    (checkout.root / "slow.py").write_text(slow)
    monkeypatch.setattr(stopping, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(StageView, "add", lambda self, line: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        Runner(checkout, checkout.root / "run.log")(["python", "slow.py"])
    assert capsys.readouterr().out.count("stopping") == 1


def test_a_command_in_the_background_hears_interrupts(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / "ask.py").write_text(
        "import signal\nprint(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        Runner(checkout, checkout.root / "run.log")(["python", "ask.py"])
    finally:
        signal.signal(signal.SIGINT, before)
    assert (checkout.root / "run.log").read_text().splitlines()[-1] == "True"
