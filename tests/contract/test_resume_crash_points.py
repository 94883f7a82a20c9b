"""Killed before any change of a file, a training ends as an uninterrupted one when it is given again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import CHECKOUT

# While the state is made, in the middle, and while the result is written and the state removed.
SOME = (2, 7, 30, -9, -4)


def wrong_points(folder: Path, folds: int, kind: str, *points: int) -> list[list[object]]:
    command = [sys.executable, "tests/crash_points.py", str(folder), str(folds), kind, *map(str, points)]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[list[object]] = json.loads(done.stdout.splitlines()[-1])["wrong"]
    return found


@pytest.mark.long
def test_some_points(tmp_path: Path) -> None:
    assert not wrong_points(tmp_path / "x", 1, "hand", *SOME)


@pytest.mark.long
@pytest.mark.parametrize(("folds", "kind"), [(1, "hand"), (1, "dvc"), (3, "hand"), (3, "dvc")])
def test_every_point(tmp_path: Path, folds: int, kind: str) -> None:
    assert not wrong_points(tmp_path / "x", folds, kind)
