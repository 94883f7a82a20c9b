"""Folders and files are replaced whole or not at all, also on a full disk, and with the mode that the user's umask
says.
"""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from warmstart.files.plain import default_mode, replace_dir, write_bytes, write_text
from warmstart.runtime.machine_errors import sentence

posix = pytest.mark.skipif(os.name != "posix", reason="needs a umask")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
@pytest.mark.parametrize(("mask", "expected"), [(0o002, 0o775), (0o022, 0o755), (0o077, 0o700), (0o027, 0o750)])
@pytest.mark.parametrize("setgid", [0, stat.S_ISGID])
def test_a_replaced_folder_is_as_open_as_the_umask_says_and_stays_the_groups(
    mask: int, expected: int, setgid: int, tmp_path: Path
) -> None:
    tmp_path.chmod(0o775 | setgid)
    with umask(mask):
        assert default_mode() == expected and default_mode(0o666) == expected & 0o666
        for _ in range(2):  # made, and made anew
            with replace_dir(tmp_path / "images") as aside:
                (aside / "below").mkdir()
                write_text(aside / "below" / "a.txt", "a")
                os.close(os.open(aside / "private.safetensors", os.O_CREAT, 0o600))
    assert mode(tmp_path / "images") == expected | setgid and mode(tmp_path / "images/below") == expected | setgid
    assert mode(tmp_path / "images/below/a.txt") == mode(tmp_path / "images/private.safetensors") == expected & 0o666


def test_without_proc_the_umask_is_asked_for_and_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", refuse)
    with umask(0o027):
        assert default_mode() == 0o750 and default_mode() == 0o750


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A disk of its own mounted over ``place``; skips the test where that is not permitted."""
    place.mkdir(exist_ok=True)
    if (
        os.name != "posix"
        or os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=False).returncode
    ):
        pytest.skip("needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_named_and_what_stood_there_stays(tmp_path: Path) -> None:
    place = tmp_path / "artifacts"
    with small_disk(place, "64k"):
        with replace_dir(place / "images") as aside:
            (aside / "a.npy").write_bytes(b"old")
        write_bytes(place / "table.json", b"old")
        before = sorted(place.rglob("*"))
        with pytest.raises(OSError) as first, replace_dir(place / "images") as aside:
            (aside / "a.npy").write_bytes(b"x" * 100_000)
        with pytest.raises(OSError) as second:
            write_bytes(place / "table.json", b"x" * 100_000)
        for caught in (first, second):
            said = str(sentence(caught.value))
            assert "disk is full" in said and str(place) in said and "kB free" in said
        assert sorted(place.rglob("*")) == before
        assert (place / "images/a.npy").read_bytes() == (place / "table.json").read_bytes() == b"old"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_write_that_is_refused_at_the_rename_leaves_the_old(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes(tmp_path / "a.json", b"old")

    def refuse(source: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number), str(source), None, str(target))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError) as caught:
        write_bytes(tmp_path / "a.json", b"new")
    assert str(tmp_path) in str(sentence(caught.value))
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"] and (tmp_path / "a.json").read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs to be two people")
def test_two_people_of_one_group_replace_each_others_results() -> None:
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        place = Path(outer) / "artifacts"
        place.mkdir()
        os.chown(place, 61001, 62000)
        place.chmod(0o2775)
        for user in (61001, 61002, 61001):
            child = os.fork()
            if not child:
                try:
                    os.setgroups([])
                    os.setgid(62000)
                    os.setuid(user)
                    os.umask(0o002)
                    with replace_dir(place / "conf") as aside:
                        (aside / "recipe").mkdir()
                        write_text(aside / "recipe/train.yaml", str(user))
                    write_text(place / "table.json", str(user))
                    os._exit(0)
                finally:
                    os._exit(1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, f"user {user}"
            assert (place / "conf/recipe/train.yaml").read_text() == (place / "table.json").read_text() == str(user)
        assert sorted(path.name for path in place.iterdir()) == ["conf", "table.json"]


def test_a_folder_that_fails_leaves_no_empty_folder_around_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError), replace_dir(tmp_path / "a" / "b" / "c"):
        raise ValueError
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").mkdir()
    with pytest.raises(ValueError), replace_dir(tmp_path / "a" / "b"):
        raise ValueError
    assert list(tmp_path.iterdir()) == [tmp_path / "a"], "which was there before"
