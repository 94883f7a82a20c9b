"""Which DVC is at work in a checkout. Its locks name processes by numbers, which the system gives to others later."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from filelock import FileLock, Timeout

RWLOCK = "rwlock"  # which files the running stages read and write, and by which process
CLOCK_SLACK_SECONDS = 2.0  # between the times of files and those of processes


@contextmanager
def exclude_dvc(root: Path, wait: float = 0.0) -> Iterator[int | None]:
    """Keep DVC from beginning anything in the checkout ``root``. Gives the process of a DVC at work there, else None.

    DVC holds a lock while it reads and writes its own files, but not while a stage runs, which ``RWLOCK`` then names.
    wait: seconds to wait for the lock.
    """
    file = _folder(root) / "lock"
    text = _read(file)
    if text is None or _foreign(text):  # there has been no DVC yet, or it locks by links
        yield _at_work(root)
        return
    lock = FileLock(file)
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        found = re.search(r"\d+", text)
        yield int(found[0]) if found else -1
        return
    try:
        yield _at_work(root)
    finally:
        lock.release()


def remove_stale_locks(root: Path) -> str | None:
    """Remove locks of dead processes and what they have half written in DVC's run cache. No DVC may be at work.

    Returns what was done where DVC would have refused to run, else None.
    """
    folder, done = _folder(root), None
    for name in ("lock", f"{RWLOCK}.lock"):
        if _foreign(_read(folder / name) or ""):
            (folder / name).unlink(missing_ok=True)
            done = f"removed .dvc/tmp/{name}, which a DVC that was killed had left"
    for half in root.glob(".dvc/cache/runs/*/*/.*.tmp"):  # which DVC may take for the result of a stage
        half.unlink(missing_ok=True)
    text = _read(folder / RWLOCK)
    if text is None:
        return done
    holders = _holders(text)
    if holders is None or holders:
        (folder / RWLOCK).unlink(missing_ok=True)
        reused = [process for process, _ in holders or [] if _exists(process)]
        if holders is None:
            done = f"removed .dvc/tmp/{RWLOCK}, which was empty or damaged"
        elif reused:
            left = f"removed .dvc/tmp/{RWLOCK}, which a DVC that was killed had left"
            done = f"{left}; its number, {reused[0]}, is another program's now"
    return done


def is_running(process: int, command: str, written: float | None = None) -> bool:
    """Whether a process is still the one that had this number when it was noted.

    command: as DVC notes it: its command line without the interpreter. written: when it was noted, in seconds since
    1970; a process that was started later is another one.
    """
    try:
        found = psutil.Process(process)
        if written is not None and found.create_time() > written + CLOCK_SLACK_SECONDS:
            return False
        words = found.cmdline()
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False
    except psutil.AccessDenied:  # somebody else's
        return True
    line = " ".join(words)
    if line.endswith(command):
        return True
    return _is_dvc(words) and line.endswith(command.partition(" ")[2])  # `python -m dvc` notes the path of a file


def _at_work(root: Path) -> int | None:
    text = _read(_folder(root) / RWLOCK)
    holders = _holders(text) if text is not None else []
    if holders is None or _foreign(_read(_folder(root) / "lock") or ""):
        return _search(root)
    written = (_folder(root) / RWLOCK).stat().st_mtime if holders else None
    return next((process for process, command in holders if is_running(process, command, written)), None)


def _holders(text: str) -> list[tuple[int, str]] | None:
    """Processes and their commands; None where the text is not what DVC writes."""
    try:
        held = json.loads(text)
        if set(held) - {"read", "write"}:
            return None
        users = [*held.get("write", {}).values(), *chain.from_iterable(held.get("read", {}).values())]
        return list(dict.fromkeys((int(who["pid"]), str(who["cmd"])) for who in users))
    except (ValueError, AttributeError, KeyError, TypeError):
        return None


def _is_dvc(words: Sequence[str]) -> bool:
    return any(
        Path(word).name in ("dvc", "dvc.exe") or re.search(r"[/\\]dvc[/\\]__main__\.py$", word) for word in words
    )


def _search(root: Path) -> int | None:
    """A DVC that stands in the checkout, where no file says which."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        where, words = process.info["cwd"], process.info["cmdline"] or []
        if where and Path(where).is_relative_to(root.resolve()) and _is_dvc(words) and process.pid != os.getpid():
            return int(process.pid)
    return None


def _exists(process: int) -> bool:
    return 0 < process < 2**31 and bool(psutil.pid_exists(process))


def _foreign(text: str) -> bool:
    """Whether a lock is a hard link (DVC's core.hardlink_lock), which outlives its process, and holds no number."""
    return bool(text.strip()) and not text.strip().isdecimal()


def _folder(root: Path) -> Path:
    return root / ".dvc" / "tmp"


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
