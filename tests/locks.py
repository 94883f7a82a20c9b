"""A whole dvc.lock, parts of it, and checkouts that hold one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support import CHECKOUT

_LINES = (CHECKOUT / "dvc.lock").read_bytes().splitlines(keepends=True)
STARTS = [number for number, line in enumerate(_LINES) if line.startswith(b"  ") and line[2:3].strip()]  # of the stages
WHOLE = b"".join(_LINES[: STARTS[5]])


def cut(lines: int) -> bytes:
    return b"".join(WHOLE.splitlines(keepends=True)[:lines])


def make(root: Path, committed: bytes | None = None) -> Path:
    (root / ".dvc").mkdir(parents=True)
    shutil.copy(CHECKOUT / ".dvc/config", root / ".dvc/config")
    (root / ".gitignore").write_text("/.dvc/tmp\n")
    git(root, "init", "-q")
    if committed is not None:
        commit(root, committed)
    return root


def commit(root: Path, lock: bytes) -> None:
    (root / "dvc.lock").write_bytes(lock)
    git(root, "add", "-f", "dvc.lock")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "lock")


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True)
