"""What a dead process left beside its target goes at the next write of that target; what a living one is at stays."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from support import CHECKOUT
from warmstart.files import aside as place
from warmstart.files.aside import ASIDE_SUFFIX, aside, clear_below
from warmstart.files.plain import replace_dir, write_bytes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs fork and locks as Unix has them")
# Writers that stop in the middle of their work, for ever: the target is the first argument.
WRITERS = {
    "file": "from warmstart.files.aside import aside\nwith aside(target) as new:\n    new.write_bytes(b'half'); wait()",
    "folder": (
        "from warmstart.files.plain import replace_dir\nwith replace_dir(target) as new:\n    (new / "
        "'a.npy').write_bytes(b'half'); wait()"
    ),
    "answers": (
        "from warmstart.serving.predict_files import _open_output\nwith _open_output(target) as out:\n    "
        "out.write('half'); wait()"
    ),
    "store": "from mlflow.store.tracking import sqlalchemy_store\nfrom warmstart.tracking import local_store\n"
    "sqlalchemy_store.SqlAlchemyStore = lambda *words: wait()\nlocal_store.create_database(target)",
    "exchanged": "from warmstart.files import aside\nfrom warmstart.files import plain as files\naside.remove = lambda path: wait()\n"
    "with files.replace_dir(target) as new:\n    (new / 'a.npy').write_bytes(b'new')",
    "moved away": "from warmstart.files import aside\nfrom warmstart.files import plain as files\naside._exchange = lambda *names: False\nreal = os.replace\n"
    "os.replace = lambda new, old: wait()\nwith files.replace_dir(target) as new:\n    (new / "
    "'a.npy').write_bytes(b'new')",
}
HEAD = "import os, sys, time\nfrom pathlib import Path\ntarget = Path(sys.argv[1])\ndef wait():\n    print('here', flush=True); time.sleep(600)\n"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def left(folder: Path) -> list[str]:
    return [name for name in names(folder) if name.endswith(ASIDE_SUFFIX)]


def old_of(target: Path, kind: str) -> None:
    """What stands in the target's place before."""
    if kind in ("folder", "exchanged", "moved away"):
        target.mkdir()
        (target / "a.npy").write_bytes(b"old")
    elif kind != "store":
        target.write_bytes(b"old")


def write(target: Path, kind: str) -> None:
    """Write the same target once more."""
    if kind == "store":
        from warmstart.tracking import local_store

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore", Mock()
            )  # its migrations take seconds
            local_store.create_database(target)
    elif kind in ("folder", "exchanged", "moved away"):
        with replace_dir(target) as new:
            (new / "b.npy").write_bytes(b"new")
    else:
        write_bytes(target, b"new")


@pytest.fixture
def writer() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process that writes a target and stops in the middle."""
    started: list[subprocess.Popen[str]] = []

    def start(target: Path, code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HEAD + code, str(target)], env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout and process.stdout.readline().strip() == "here"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.mark.parametrize(
    "kind", [*(kind for kind in WRITERS if kind != "store"), pytest.param("store", marks=pytest.mark.long)]
)
def test_what_a_killed_writer_left_goes_at_the_next_write_and_not_while_it_lives(
    kind: str, tmp_path: Path, writer: Callable[..., subprocess.Popen[str]]
) -> None:
    target = tmp_path / "mlruns" / ("mlflow.db" if kind == "store" else "target")
    target.parent.mkdir()
    old_of(target, kind)
    process = writer(target, WRITERS[kind])
    kept = left(target.parent)
    assert len(kept) == (2 if kind == "moved away" else 1) and all(re.fullmatch(r"\..+\.aside", name) for name in kept)
    if kind not in (
        "store",
        "exchanged",
        "moved away",
    ):  # no second one comes that far, there is nothing to protect, or it comes next
        write(target, kind)
        assert left(target.parent) == kept, "of a living process"
    process.kill()
    process.wait()
    write(target, kind)
    assert not left(target.parent)


def test_an_old_folder_that_was_moved_away_is_put_back_before_the_next_write(
    tmp_path: Path, writer: Callable[..., subprocess.Popen[str]]
) -> None:
    target = tmp_path / "model"
    old_of(target, "moved away")
    process = writer(target, WRITERS["moved away"])
    process.kill()
    process.wait()
    assert not target.exists()
    with pytest.raises(ValueError), replace_dir(target):
        raise ValueError
    assert names(tmp_path) == ["model"] and (target / "a.npy").read_bytes() == b"old"


@pytest.mark.parametrize("exchange", [True, False])
def test_writers_of_one_folder_at_once_never_remove_each_others(
    exchange: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(place, "_exchange", lambda *names: False)
    children = []
    for number in range(6):
        child = os.fork()
        if not child:
            try:
                for _ in range(30):
                    with replace_dir(tmp_path / "model") as new:
                        for part in range(4):
                            (new / str(part)).write_text(str(number))
                    write_bytes(tmp_path / "table.json", str(number).encode() * 1000)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    whole = True
    while children:
        with_parts = [path.read_text() for path in (tmp_path / "table.json",) if path.exists()]
        whole = whole and all(len(text) == 1000 for text in with_parts)
        done, status = os.waitpid(-1, os.WNOHANG)
        if done:
            children.remove(done)
            assert os.waitstatus_to_exitcode(status) == 0
    assert (
        whole
        and len({path.read_text() for path in (tmp_path / "model").iterdir()}) == 1
        and names(tmp_path / "model") == list("0123")
    )
    write(tmp_path / "model", "folder")
    write(tmp_path / "table.json", "file")
    assert names(tmp_path) == ["model", "table.json"]


def test_a_reader_always_finds_a_whole_folder(tmp_path: Path) -> None:
    target = tmp_path / "model"
    old_of(target, "folder")
    trial = tmp_path / "one"
    trial.mkdir()
    if not place._exchange(trial, target):
        pytest.skip("this disk cannot exchange two folders")
    place._exchange(trial, target)
    trial.rmdir()
    missed: list[str] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            if not target.is_dir():
                missed.append("x")

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(200):
        with replace_dir(target) as new:
            (new / "a.npy").write_bytes(b"new")
    ended.set()
    reader.join()
    assert not missed


def test_a_child_that_outlives_the_writer_does_not_hold_what_it_left(tmp_path: Path) -> None:
    read, write_end = os.pipe()
    parent = os.fork()
    if not parent:
        with aside(tmp_path / "images", folder=True):
            child = os.fork()
            if not child:
                time.sleep(30)  # a loader process that nobody ends
                os._exit(0)
            os.write(write_end, str(child).encode())
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(parent, 0)
    child = int(os.read(read, 20))
    try:
        assert left(tmp_path)
        write(tmp_path / "images", "folder")
        assert names(tmp_path) == ["images"]
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(read)
        os.close(write_end)


def test_names_of_other_targets_and_of_people_stay(tmp_path: Path) -> None:
    mine = [
        ".images.0123abcd.aside",
        ".images.aside",
        ".images.zzzzzzzz.aside",
        ".scan.0123abcd.aside",
        "images.0123abcd.aside",
        ".images.bak",
    ]
    for name in mine:
        (tmp_path / name).mkdir()
    write(tmp_path / "images", "folder")
    assert names(tmp_path) == sorted([*mine[1:], "images"])


def test_where_the_disk_does_not_lock_only_what_is_old_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(place.fcntl, "flock", refuse)
    old, young = (tmp_path / f".images.{number}{ASIDE_SUFFIX}" for number in ("00000000", "11111111"))
    for path in (old, young):
        path.mkdir()
    os.utime(old, (0, 0))
    write(tmp_path / "images", "folder")
    assert names(tmp_path) == [young.name, "images"]


@pytest.mark.parametrize("leads_to", ["folder", "nowhere"])
def test_a_link_in_the_targets_place_is_replaced_and_what_it_leads_to_stays(leads_to: str, tmp_path: Path) -> None:
    far = tmp_path / "far"
    if leads_to == "folder":
        old_of(far, "folder")
    (tmp_path / "images").symlink_to(far)
    write(tmp_path / "images", "folder")
    assert not (tmp_path / "images").is_symlink() and names(tmp_path / "images") == ["b.npy"] and not left(tmp_path)
    assert leads_to == "nowhere" or (far / "a.npy").read_bytes() == b"old"


def test_runs_in_a_folder_of_their_own_are_cleared_from_above(
    tmp_path: Path, writer: Callable[..., subprocess.Popen[str]]
) -> None:
    hand = tmp_path / "hand"
    for number in range(2):
        (hand / str(number)).mkdir(parents=True)
    dead, _ = (writer(hand / str(number) / "model", WRITERS["folder"]) for number in range(2))
    dead.kill()
    dead.wait()
    clear_below(hand)
    assert not left(hand / "0") and left(hand / "1")


def test_a_failed_step_of_the_exchange_leaves_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_of(tmp_path / "model", "folder")
    monkeypatch.setattr(place, "_exchange", lambda *names: False)
    monkeypatch.setattr(
        os, "replace", lambda *names: (_ for _ in ()).throw(OSError(5, "Input/output error", str(names[0])))
    )
    with pytest.raises(OSError), replace_dir(tmp_path / "model"):
        pass
    assert names(tmp_path) == ["model"] and (tmp_path / "model" / "a.npy").read_bytes() == b"old"
