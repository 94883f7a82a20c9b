"""Each way in which a disk refuses a write, at each step of one, is one sentence that names the place, and nothing has
changed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from warmstart.files.plain import replace_dir, write_bytes, write_json
from warmstart.runtime.console import exit_on_user_error

CODES = [code for code in ("ENOSPC", "EDQUOT", "EROFS", "EACCES") if hasattr(errno, code)]
SAYS = {"ENOSPC": "disk is full", "EDQUOT": "quota", "EROFS": "read-only", "EACCES": "chmod"}


def picture(path: Path) -> None:
    from matplotlib.figure import Figure

    Figure(figsize=(1, 1)).savefig(path, format="png")


def csv_file(path: Path) -> None:
    from warmstart.files.cells import csv_writer

    with path.open("w", encoding="utf-8", newline="") as stream:
        csv_writer(stream).writerow(["a"] * 10000)


def big_array(path: Path) -> None:
    from warmstart.dataset.row_array import RowWriter

    with RowWriter(path, (4, 4, 3)) as rows:
        rows.close()


WRITERS: dict[str, Callable[[Path], Any]] = {
    "json": lambda path: write_json(path, [1] * 1000),
    "npy": lambda path: np.save(path.with_suffix(".npy"), np.zeros(10)),
    "picture": picture,
    "csv": csv_file,
    "rows": big_array,
}
STEPS = ("open", "fsync", "replace", "mkdir")


def answers(work: Callable[[], Any], capsys: pytest.CaptureFixture[str]) -> str:
    """What the person reads when ``work`` fails: one line, exit status 1."""
    with pytest.raises(SystemExit) as ended, exit_on_user_error():
        work()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and said.startswith("error: ") and len(said.splitlines()) == 1, said
    return said


def refuse(monkeypatch: pytest.MonkeyPatch, step: str, number: int) -> None:
    """Have one of the system's calls fail on what lies on the bad disk, as it does with the name of the file, or
    without.
    """
    real = getattr(os, step)

    def refused(*words: Any, **named: Any) -> Any:
        if step == "fsync":
            raise OSError(number, os.strerror(number))
        if ".aside" in str(words[0]):
            raise OSError(number, os.strerror(number), str(words[0]))
        return real(*words, **named)

    monkeypatch.setattr(os, step, refused)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", CODES)
def test_every_step_of_a_write_that_is_refused_is_one_sentence(
    code: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bytes(tmp_path / "table.json", b"old")
    (tmp_path / "model").mkdir()

    def both() -> None:
        if step != "mkdir":
            write_bytes(tmp_path / "table.json", b"new")
        with replace_dir(tmp_path / "new" / "model") as folder:
            (folder / "a").write_bytes(b"new")

    refuse(monkeypatch, step, getattr(errno, code))
    said = answers(both, capsys)
    monkeypatch.undo()
    assert SAYS[code] in said and str(tmp_path) in said and ".aside" not in said
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["model", "table.json"]
        and (tmp_path / "table.json").read_bytes() == b"old"
    )
    both()


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_each_librarys_way_to_say_that_the_disk_is_full_is_understood(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        with replace_dir(tmp_path / "model") as folder:
            for name in ("a", "a.npy"):
                (folder / name).symlink_to("/dev/full")
            if kind == "json":  # which writes aside
                (folder / "a").unlink()
                with (folder / "a.npy").open("wb") as stream:
                    stream.write(b"x" * 100_000)
            WRITERS[kind](folder / "a")
            raise AssertionError("it was written")

    assert "disk is full" in answers(work, capsys)
    assert not list(tmp_path.iterdir())
