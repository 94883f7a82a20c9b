"""A copy of dvc.lock, and its repair: DVC writes it in place, so a DVC that is killed may leave a part of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from warmstart.files.plain import write_bytes

LOCKFILE = "dvc.lock"
_AFTER = "what has run since then comes back from DVC's cache"


def save_copy(root: Path) -> None:
    """Keep a copy of dvc.lock where it is whole, and none where there is no dvc.lock. root: the checkout.

    Beside the copy is written which dvc.lock was the last committed one, to tell when the copy is of another branch.
    """
    data, file = _read(root / LOCKFILE), copy_path(root)
    with suppress(OSError):  # on a full disk the earlier copy stays
        if data is None:
            file.unlink(missing_ok=True)
        elif data == _read(file) or stage_names(data) is not None:
            _write(file, data)
            _write(_committed_then(root), _committed(root))


def restore_copy(root: Path) -> str | None:
    """Replace a damaged dvc.lock by the copy, else by the last committed one, else remove it. No DVC may be at work.

    What was committed since the copy was made comes before the copy. A whole dvc.lock becomes the copy. Returns what
    was done, None where there was nothing to do.
    """
    data, copy, done = _read(root / LOCKFILE), _read(copy_path(root)), None
    if data is None or data == copy:
        save_copy(root)
    elif (stages := stage_names(data)) is None:
        done = None if _in_conflict(data) else _replace(root, copy)
    elif _lost_its_tail(root, stages, stage_names(copy or b"") or []):
        done = _replace(root, copy)
    else:
        save_copy(root)
    mark_ended(root)
    return done


def copy_path(root: Path) -> Path:
    """Where the copy is."""
    return root / ".dvc" / "tmp" / "warmstart" / LOCKFILE


def begun_path(root: Path) -> Path:
    """The file that exists from before a command of DVC until dvc.lock has been checked after it."""
    return copy_path(root).with_name("dvc_begun")


def mark_begun(root: Path) -> None:
    """Note that a command of DVC begins, which may be killed while it writes dvc.lock."""
    with suppress(OSError):
        write_bytes(begun_path(root), b"")


def mark_ended(root: Path) -> None:
    """Note that dvc.lock has been checked after it."""
    with suppress(OSError):
        begun_path(root).unlink(missing_ok=True)


def stage_names(data: bytes) -> list[str] | None:
    """The stages of a dvc.lock, in its order; None where it is damaged: no YAML, cut off, or not what DVC accepts."""
    if not data.endswith(b"\n"):
        return None
    try:
        content = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError):
        return None
    if not isinstance(content, Mapping) or content.get("schema") != "2.0":
        return None
    stages = content.get("stages", {})
    return list(stages) if isinstance(stages, Mapping) and all(map(_is_stage, stages.values())) else None


def _is_stage(stage: Any) -> bool:
    if not isinstance(stage, Mapping) or not isinstance(stage.get("cmd"), (str, list)):
        return False
    params, files = stage.get("params", {}), [stage.get(key, []) for key in ("deps", "outs")]
    if not isinstance(params, Mapping) or not all(isinstance(value, Mapping) for value in params.values()):
        return False
    return all(isinstance(items, list) and all(map(_is_file, items)) for items in files)


def _is_file(item: Any) -> bool:
    if not isinstance(item, Mapping) or not isinstance(item.get("path"), str):
        return False
    types = {"hash": str, "md5": str, "size": int, "nfiles": int}
    return all(isinstance(item[key], types[key]) for key in types.keys() & item.keys())


def _lost_its_tail(root: Path, stages: list[str], kept: list[str]) -> bool:
    """Whether the last stages are missing, as in a file that was cut off between two: DVC only adds stages, at the end.

    Without a command that was killed, and where git knows the file, a person has removed them.
    """
    if not begun_path(root).exists() or len(stages) >= len(kept) or stages != kept[: len(stages)] or _moved_on(root):
        return False
    number = _git(root, "hash-object", "--", LOCKFILE)
    return number is None or _git(root, "cat-file", "-e", number.decode().strip()) is None


def _committed(root: Path) -> bytes:
    """Git's number of the last committed dvc.lock; empty where there is none, or no git."""
    return (_git(root, "rev-parse", "--verify", "--quiet", f"HEAD:./{LOCKFILE}") or b"").strip()


def _committed_then(root: Path) -> Path:
    """Where the number is kept that the last committed one had when the copy was made."""
    return copy_path(root).with_name(f"{LOCKFILE}.committed")


def _moved_on(root: Path) -> bool:
    now, then = _committed(root), _read(_committed_then(root))
    return bool(now) and then is not None and now != then


def _replace(root: Path, copy: bytes | None) -> str:
    choices = [(copy, "as it was before"), (_git(root, "show", f"HEAD:./{LOCKFILE}"), "as it was last committed")]
    if _moved_on(root):
        choices.reverse()
    what = f"{LOCKFILE} was cut off or damaged, as where DVC is stopped while it writes it"
    for data, which in choices:
        if data is not None and stage_names(data) is not None:
            write_bytes(root / LOCKFILE, data)
            save_copy(root)
            return f"{what}; it was put back {which}: {_AFTER}"
    (root / LOCKFILE).unlink(missing_ok=True)
    return f"{what}; it was removed, for there is no earlier one: {_AFTER}"


def _in_conflict(data: bytes) -> bool:
    """Whether git has left two versions in it, of which a person has to choose one."""
    return any(line.startswith(b"<<<<<<< ") for line in data.splitlines())


def _git(root: Path, *words: str) -> bytes | None:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _write(path: Path, data: bytes) -> None:
    if data != _read(path):
        write_bytes(path, data)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
