"""dvc.lock is whole at the beginning of every command of DVC's, whatever stopped the one before, and nothing is trained
again for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from ruamel.yaml import YAML
from voluptuous import Invalid

from locks import STARTS, WHOLE, cut, git, make
from support import CHECKOUT
from warmstart.cli.checkout import Checkout
from warmstart.cli.checkout_lock import repair
from warmstart.cli.dvc.lockfile import begun_path, copy_path, mark_begun, restore_copy, save_copy, stage_names
from warmstart.cli.runner import CommandError, _repaired

PIPELINE = """stages:
  compose: {cmd: "echo x >> ran.compose; cat a > conf", deps: [a], outs: [conf: {cache: false}]}
  train: {cmd: "echo x >> ran.train; cat conf > model", deps: [conf], outs: [model]}
  evaluate: {cmd: "echo x >> ran.evaluate; cat model > metrics", deps: [model], outs: [metrics]}
"""
# `warmstart run` as far as it concerns DVC: it holds the checkout, and gives two commands.
RUN = f"""
import sys
from pathlib import Path
from warmstart.cli import runner
from warmstart.cli.checkout_lock import checkout_lock
from warmstart.cli.checkout import Checkout
from warmstart.runtime.console import exit_on_user_error
runner.arguments = lambda typed: [sys.executable, {str(CHECKOUT / "tests/dying_dvc.py")!r}, *typed[1:]]
with exit_on_user_error():
    checkout = Checkout(Path.cwd())
    with checkout_lock(checkout):
        run = runner.Runner(checkout, checkout.root / "artifacts/run.log")
        run(["dvc", "repro", "train"])
        run(["dvc", "repro"])
"""


def accepted(data: bytes) -> bool:
    """Whether DVC would take it, in its own words."""
    try:
        COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe").load(data.decode()) or {})
    except (Invalid, Exception):
        return False
    return True


# Where the checked-out file ends at each of its lines: what is taken for whole, DVC takes too.
def test_what_is_taken_for_whole_is_what_dvc_accepts() -> None:
    for end in range(STARTS[2] + 1):
        assert stage_names(cut(end)) is None or accepted(cut(end)), cut(end)[-200:]
    assert stage_names(WHOLE) and accepted(WHOLE)
    assert stage_names(WHOLE[:-1]) is None and stage_names(b"") is None and stage_names(b"\x00\xff\n") is None


@pytest.mark.parametrize(
    "damage", [b"", b"schema: '2.0'\n", WHOLE[: len(WHOLE) // 3], WHOLE[: len(WHOLE) // 2] + b"\n", b"{a: [\n", b"[]\n"]
)
@pytest.mark.parametrize("kept", ["copy", "damaged copy", "no copy"])
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_what_is_damaged_is_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: bytes, kept: str, committed: bool, ended: bool
) -> None:
    newer = WHOLE.replace(b"size: 1", b"size: 2", 1)
    root = make(tmp_path / "x", WHOLE if committed else None)
    if kept != "no copy":
        (root / "dvc.lock").write_bytes(newer)
        save_copy(root)
        assert copy_path(root).read_bytes() == newer
    if kept == "damaged copy":
        copy_path(root).write_bytes(newer[:-1])
    (root / "dvc.lock").write_bytes(damage)
    if ended:
        mark_begun(root)
    assert repair(Checkout(root)) is None
    expected = newer if kept == "copy" else WHOLE if committed else None
    if accepted(damage) and stage_names(damage) is not None and not (kept == "copy" and ended):
        expected = damage  # what DVC accepts stays where nothing says that there was more
    now = (root / "dvc.lock").read_bytes() if (root / "dvc.lock").exists() else None
    assert now == expected
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (expected != damage) and all("dvc.lock" in line for line in said)
    repair(Checkout(root))
    assert not capsys.readouterr().err, "once is enough"


def test_a_file_that_lost_its_last_stages_while_dvc_was_ended_is_put_back_and_one_that_git_knows_is_not(
    tmp_path: Path,
) -> None:
    short = cut(STARTS[3])
    assert accepted(short) and stage_names(short) == (stage_names(WHOLE) or [])[:-2]
    root = make(tmp_path / "x")
    (root / "dvc.lock").write_bytes(WHOLE)
    assert restore_copy(root) is None
    mark_begun(root)
    (root / "dvc.lock").write_bytes(short)
    assert restore_copy(root) and (root / "dvc.lock").read_bytes() == WHOLE and not begun_path(root).exists()
    other = make(tmp_path / "y", short)
    (other / "dvc.lock").write_bytes(WHOLE)
    save_copy(other)
    mark_begun(other)
    git(other, "checkout", "-q", "dvc.lock")
    assert restore_copy(other) is None and (other / "dvc.lock").read_bytes() == short == copy_path(other).read_bytes()


@pytest.mark.parametrize("how", ["well", "failed", "damaged"])
def test_last_stages_that_a_person_removed_after_a_command_has_ended_stay_removed(tmp_path: Path, how: str) -> None:
    root, short = make(tmp_path / "x"), cut(STARTS[3])
    (root / "dvc.lock").write_bytes(WHOLE)
    with suppress(CommandError), _repaired(Checkout(root)):
        assert begun_path(root).exists()
        if how == "damaged":
            (root / "dvc.lock").write_bytes(b"")
        if how != "well":
            raise CommandError("it cannot be", "train")
    assert (root / "dvc.lock").read_bytes() == WHOLE and not begun_path(root).exists()
    (root / "dvc.lock").write_bytes(short)
    assert restore_copy(root) is None and (root / "dvc.lock").read_bytes() == short == copy_path(root).read_bytes()


def test_what_a_person_has_done_stays(tmp_path: Path) -> None:
    root = make(tmp_path / "x")
    (root / "dvc.lock").write_bytes(WHOLE)
    save_copy(root)
    conflict = b"<<<<<<< HEAD\n" + WHOLE + b"=======\n" + cut(40) + b">>>>>>> other\n"
    (root / "dvc.lock").write_bytes(conflict)
    assert restore_copy(root) is None and (root / "dvc.lock").read_bytes() == conflict, (
        "between two versions a person chooses"
    )
    (root / "dvc.lock").unlink()
    assert restore_copy(root) is None and not (root / "dvc.lock").exists() and not copy_path(root).exists(), (
        "removed for everything to run anew"
    )


# Whom the signal is for: DVC alone, the command, or everything at once.
FEW = [("KILL", "all", 2, 0.0), ("TERM", "run", 3, 0.8), ("INT", "run", 2, 0.97)]
MANY = [
    (name, whom, number, share)
    for name in ("KILL", "TERM", "INT") for whom in ("all", "dvc", "run") for number in (1, 2, 3) for share in (0.0, 0.35, 0.8, 0.99)
]  # fmt: skip


@pytest.mark.parametrize(("name", "whom", "number", "share"), FEW)
def test_a_signal_while_dvc_writes_it(tmp_path: Path, name: str, whom: str, number: int, share: float) -> None:
    check_signal(tmp_path, name, whom, number, share)


@pytest.mark.long
@pytest.mark.parametrize(("name", "whom", "number", "share"), MANY)
def test_every_signal_while_dvc_writes_it(tmp_path: Path, name: str, whom: str, number: int, share: float) -> None:
    check_signal(tmp_path, name, whom, number, share)


def check_signal(tmp_path: Path, name: str, whom: str, number: int, share: float) -> None:
    root = make(tmp_path / "x")
    (root / "dvc.yaml").write_text(PIPELINE)
    (root / "a").write_text("1")
    stopped = tmp_path / "stopped"
    process = start(root, STOP_AT=f"{number}:{share}", STOPPED=str(stopped))
    while not stopped.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    dvc = int(stopped.read_text())
    for pid in {"all": (process.pid, dvc), "dvc": (dvc,), "run": (process.pid,)}[whom]:
        os.kill(pid, getattr(signal, f"SIG{name}"))
    process.communicate(timeout=60)
    if (name, whom) == ("KILL", "run"):  # DVC lives on, and the same command refuses as long as it does
        os.kill(dvc, signal.SIGKILL)
    while Path(f"/proc/{dvc}").exists() and "Z" not in Path(f"/proc/{dvc}/stat").read_text().split()[2:3]:
        time.sleep(0.02)
    assert begun_path(root).exists() == (name == "KILL" and whom != "dvc"), "by which the next command knows of it"
    again = start(root)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0 and not begun_path(root).exists(), out + err
    assert {path.name: path.read_text().count("x") for path in root.glob("ran.*")}.items() >= {
        "ran.train": 1,
        "ran.evaluate": 1,
    }.items()
    assert stage_names((root / "dvc.lock").read_bytes()) == ["compose", "train", "evaluate"]


def start(root: Path, **environment: str) -> subprocess.Popen[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DVC_", "GIT_"))}
    arguments: Sequence[Any] = [sys.executable, "-c", RUN]
    return subprocess.Popen(
        arguments, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**kept, "PYTHONPATH": str(CHECKOUT / "src"), **environment},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
