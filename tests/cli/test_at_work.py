"""Who is at work in a checkout: a number in DVC's lock counts only where the process that has it now is the one that
wrote it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from warmstart.cli.dvc.processes import exclude_dvc, is_running, remove_stale_locks

WAIT = "import sys; print(1, flush=True); sys.stdin.read()"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    return tmp_path


@contextmanager
def waiting(*words: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process with these words at the end of its command line."""
    with subprocess.Popen(
        [sys.executable, "-c", WAIT, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd
    ) as process:
        assert process.stdout and process.stdout.readline()
        yield process
        assert process.stdin
        process.stdin.close()


def hold(root: Path, *holders: tuple[int, str]) -> Path:
    place = root / ".dvc/tmp/rwlock"
    who = [{"pid": process, "cmd": command} for process, command in holders]
    place.write_text(json.dumps({"write": {"/out": who[0]}, "read": {"/in": who}}))
    return place


def at_work(root: Path) -> int | None:
    with exclude_dvc(root) as process:
        return process


@pytest.mark.parametrize(
    ("words", "noted", "alive"),
    [
        (["/x/bin/dvc", "repro", "a b"], "/x/bin/dvc repro a b", True),
        (["-m", "dvc", "repro", "prepare"], "/x/dvc/__main__.py repro prepare", True),
        (["-m", "dvc", "repro"], "/x/dvc/__main__.py repro prepare", False),
        (["my_own_script.py"], "my_own_script.py", True),
        (["/home/dvc/x"], "/x/bin/dvc repro", False),
        (["jupyter", "lab"], "/x/bin/dvc repro", False),
    ],
)
def test_the_process_is_known_by_its_command(words: list[str], noted: str, alive: bool) -> None:
    with waiting(*words) as process:
        assert is_running(process.pid, noted) is alive
        written = Path(f"/proc/{process.pid}").stat().st_mtime if Path("/proc").exists() else None
        assert is_running(process.pid, noted, written) is alive
        assert not is_running(process.pid, noted, 1e9), "it began after the lock was written, so it is another one"
    assert not is_running(process.pid, noted)


@pytest.mark.parametrize("process", [-1, 2**22 + 1, 2**40])
def test_a_number_that_nobody_has_is_dead(process: int) -> None:
    assert not is_running(process, "dvc repro")


def test_stale_locks_are_removed_and_live_ones_are_not(root: Path) -> None:
    with waiting("jupyter") as stranger, waiting("/x/bin/dvc", "repro") as dvc:
        place = hold(root, (stranger.pid, "/x/bin/dvc repro"), (2**22 + 1, "/x/bin/dvc repro"))
        assert at_work(root) is None
        assert str(stranger.pid) in (remove_stale_locks(root) or "") and not place.exists()
        hold(root, (stranger.pid, "/x/bin/dvc repro"), (dvc.pid, "/x/bin/dvc repro"))
        assert at_work(root) == dvc.pid
    hold(root, (2**22 + 1, "dvc repro"))
    assert remove_stale_locks(root) is None and not place.exists(), "DVC would not have minded, so nothing is said"


@pytest.mark.parametrize("content", ["", '{"write": {"/a"', "[]", '{"x": {}}', '{"read": {"/a": [{"pid": null}]}}'])
def test_a_damaged_lock_is_removed_unless_a_dvc_stands_in_the_checkout(root: Path, content: str) -> None:
    place = root / ".dvc/tmp/rwlock"
    place.write_text(content)
    with waiting("/x/bin/dvc", "repro", cwd=root) as dvc:
        assert at_work(root) == dvc.pid
    assert at_work(root) is None
    assert "damaged" in (remove_stale_locks(root) or "") and not place.exists()


def test_a_dvc_that_holds_its_own_lock_is_at_work(root: Path) -> None:
    place = root / ".dvc/tmp/lock"
    place.write_text(" 4242\n")
    with FileLock(place):
        assert at_work(root) == 4242
    assert at_work(root) is None and remove_stale_locks(root) is None and place.exists(), "the file alone holds nobody"


def test_a_lock_by_links_outlives_its_process(root: Path) -> None:
    place = root / ".dvc/tmp/lock"
    place.write_text("/x/.dvc/tmp/0123.lock")
    with waiting("/x/bin/dvc", "repro", cwd=root) as dvc:
        assert at_work(root) == dvc.pid
    assert at_work(root) is None
    assert remove_stale_locks(root) and not place.exists()


def test_half_written_runs_leave_the_cache(root: Path) -> None:
    folder = root / ".dvc/cache/runs/ab/abcd"
    folder.mkdir(parents=True)
    for name in ("0123", ".0123.tmp"):
        (folder / name).write_text("cmd: a\n")
    remove_stale_locks(root)
    assert os.listdir(folder) == ["0123"], "DVC takes the newest, also one that has lost its tail"


def test_nothing_is_made_where_there_is_nothing(root: Path) -> None:
    before: list[Any] = sorted(root.rglob("*"))
    assert at_work(root) is None and remove_stale_locks(root) is None and os.listdir(root / ".dvc/tmp") == []
    assert sorted(root.rglob("*")) == before
