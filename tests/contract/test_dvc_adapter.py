"""What ``warmstart.cli.dvc`` knows of DVC is what the installed DVC prints, writes and returns: a new release is tried
here first.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from support import CHECKOUT
from warmstart.cli.dvc.commands import arguments, repro
from warmstart.cli.dvc.lockfile import stage_names
from warmstart.cli.dvc.output import Event, blocking_process, failed_stage, find_error, is_locked, read_line
from warmstart.cli.dvc.processes import exclude_dvc, is_running, remove_stale_locks

PYTHON = shlex.quote(sys.executable)
STAGES = f"""stages:
  first: {{cmd: "cat a > b && echo hello", deps: [a], outs: [b]}}
  slow: {{cmd: "{PYTHON} slow.py", deps: [b], outs: [c]}}
"""
SLOW = "import os, time\nopen('running', 'w').close()\nwhile not os.path.exists('go'):\n    time.sleep(0.02)\nopen('c', 'w').close()\n"


@pytest.fixture
def root(tmp_path: Path, dvc_folder: Path) -> Path:
    """A folder with a pipeline of two stages, of which one waits for a file ``go``."""
    shutil.copytree(dvc_folder, tmp_path, dirs_exist_ok=True)
    for name, text in {"dvc.yaml": STAGES, "slow.py": SLOW, "a": "1", "go": ""}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(root: Path, typed: Sequence[str]) -> tuple[int, list[str]]:
    done = subprocess.run(
        arguments(typed), cwd=root, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def events(lines: Sequence[str]) -> list[tuple[Event, str]]:
    read = [read_line(line) for line in lines]
    return [(line.event, line.stage) for line in read if line.event is not Event.NOISE]


def kind(lines: Sequence[str]) -> str:
    found = find_error("\n".join(lines))
    return found[0] if found else ""


def test_the_pinned_release_is_installed() -> None:
    pinned = next(
        line.split("==")[1].split()[0]
        for line in (CHECKOUT / "requirements.txt").read_text().splitlines()
        if line.startswith("dvc==")
    )
    assert (
        subprocess.run([*arguments(["dvc"]), "--version"], capture_output=True, text=True, check=True).stdout.strip()
        == pinned
    )


def test_each_line_about_a_stage_is_read(root: Path) -> None:
    status, lines = run(root, repro("first"))
    assert status == 0
    assert events(lines) == [(Event.RUNNING, "first"), (Event.OTHER, ""), (Event.NOTED, "")], lines
    assert "hello" in lines and stage_names((root / "dvc.lock").read_bytes()) == ["first"]
    assert events(run(root, repro("first"))[1]) == [(Event.UNCHANGED, "first")]
    (root / "a").write_text("2")
    run(root, repro("first"))
    (root / "a").write_text("1")
    assert events(run(root, repro("first", single=True))[1])[0] == (Event.RESTORED, "first")


@pytest.mark.parametrize(
    ("command", "kind_"),
    [
        ("exit 1", ""),
        ("true", "no_result"),
        ("kill -9 $$", "out_of_memory"),
        ("kill -15 $$", "ended_from_outside"),
        ("exit 130", "interrupted"),
        ("kill -11 $$", "library_crashed"),
        ("exit 135", "memory_map_failed"),
    ],
)
def test_a_failed_stage_and_why_are_read(root: Path, command: str, kind_: str) -> None:
    (root / "dvc.yaml").write_text(json.dumps({"stages": {"bad": {"cmd": command, "outs": ["never"]}}}))
    status, lines = run(root, repro("bad"))
    assert status not in (0, 130) and failed_stage(lines) == "bad" and kind(lines) == kind_, lines


@pytest.mark.parametrize(
    ("name", "content", "kind_"),
    [
        ("dvc.lock", "{a: [\n", "lockfile_damaged"),
        ("dvc.lock", "schema: '2.0'\nstages: 3\n", "lockfile_damaged"),
        ("dvc.yaml", "stages: [\n", "pipeline_damaged"),
        ("params.yaml", "x: [\n", "yaml_damaged"),
        (".dvc/config", "nonsense\n", "settings_damaged"),
        (".dvc/tmp/rwlock", "", "rwlock_damaged"),
        (".dvc/tmp/rwlock", '{"x": 1}', "rwlock_damaged"),
    ],
)
def test_a_damaged_file_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, kind_: str
) -> None:
    (root / ".dvc/tmp").mkdir(exist_ok=True)
    (root / "dvc.yaml").write_text(STAGES + ("vars: [params.yaml]\n" if name == "params.yaml" else ""))
    (root / name).write_text(content)
    status, lines = run(root, repro("first"))
    assert status != 0 and kind(lines) == kind_, lines
    if name == ".dvc/config":  # where DVC reads it first for its own statistics, it fails in other words
        monkeypatch.delenv("DVC_NO_ANALYTICS")
        assert kind(run(root, repro("first"))[1]) == kind_
    if name == "dvc.lock":
        assert stage_names(content.encode()) is None
    if name.endswith("rwlock"):
        assert remove_stale_locks(root) and run(root, repro("first"))[0] == 0


def test_a_missing_param_and_a_missing_folder_are_named(root: Path) -> None:
    (root / "dvc.yaml").write_text("stages: {x: {cmd: 'echo ${data}'}}\n")
    (root / "params.yaml").write_text("other: 1\n")
    assert kind(run(root, repro())[1]) == "param_missing"
    (root / ".dvc").rename(root / "away")
    assert kind(run(root, repro())[1]) == "no_dvc_folder"


def test_a_dvc_at_work_is_seen_and_so_is_one_that_waits_for_it(root: Path) -> None:
    run(root, repro("first"))
    (root / "go").unlink()
    with subprocess.Popen(arguments(repro("slow")), cwd=root, stdout=subprocess.DEVNULL) as process:
        while not (root / "running").exists():
            assert process.poll() is None, "it ended before its stage ran"
            time.sleep(0.02)
        with exclude_dvc(root) as found:
            assert found == process.pid
        assert json.loads((root / ".dvc/tmp/rwlock").read_text()).keys() <= {"read", "write"}
        _, lines = run(root, repro("slow"))
        blocking = blocking_process("\n".join(lines))
        assert blocking and blocking[0] == process.pid and is_running(*blocking), lines
        (root / "go").write_text("")
    with exclude_dvc(root) as found:
        assert found is None
        _, lines = run(root, ["dvc", "status"])
        assert is_locked("\n".join(lines)), lines


def test_a_killed_dvc_leaves_what_is_removed(root: Path) -> None:
    (root / "go").unlink()
    process = subprocess.Popen(arguments(repro("slow")), cwd=root, stdout=subprocess.DEVNULL, start_new_session=True)
    while not (root / "running").exists():
        assert process.poll() is None, "it ended before its stage ran"
        time.sleep(0.02)
    os.killpg(process.pid, 9)
    process.wait()
    assert json.loads((root / ".dvc/tmp/rwlock").read_text())["write"]
    with exclude_dvc(root) as found:
        assert found is None
        remove_stale_locks(root)
    assert not (root / ".dvc/tmp/rwlock").exists()
    (root / "go").write_text("")
    assert run(root, repro("slow"))[0] == 0
