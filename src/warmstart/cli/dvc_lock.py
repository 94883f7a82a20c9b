"""A good copy of dvc.lock, and putting it back: DVC writes that file in place and slowly, so whoever stops it meanwhile leaves a part."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from warmstart.files.plain import write_bytes

NAME = "dvc.lock"
_AFTER = "what has run since then comes back from DVC's cache"


def keep(root: Path) -> None:
    """Keep a copy of the dvc.lock of the checkout ``root`` where it is whole, and none where there is no dvc.lock.

    Beside it: which dvc.lock was the last committed one then. Where another one is, the copy is of another branch or an earlier time.
    """
    data, place = _read(root / NAME), copy_of(root)
    with suppress(OSError):  # a full disk must not end a run for want of a copy; the earlier one stays
        if data is None:
            place.unlink(missing_ok=True)
        elif data == _read(place) or stages_of(data) is not None:
            _write(place, data)
            _write(_committed_then(root), _committed(root))


def put_back(root: Path) -> str | None:
    """Where dvc.lock is damaged, put back the copy, else the last committed one, else remove it. To be called where no DVC is at work.

    What was committed since the copy was made, or on a branch that was checked out since then, comes before the copy.
    Returns what was done, in words; None where there was nothing to do. Where it is whole, it becomes the copy.
    """
    done = _put_back(root)
    mark_ended(root)
    return done


def copy_of(root: Path) -> Path:
    """Where the copy is."""
    return root / ".dvc" / "tmp" / "warmstart" / NAME


def mark_of(root: Path) -> Path:
    """The file that is there from before a command of DVC's until dvc.lock is in order again, also where both were killed meanwhile."""
    return copy_of(root).with_name("dvc_begun")


def mark_begun(root: Path) -> None:
    """Note that a command of DVC's begins, which may be ended while it writes dvc.lock."""
    with suppress(OSError):
        write_bytes(mark_of(root), b"")


def mark_ended(root: Path) -> None:
    """Note that it has ended, and dvc.lock is in order."""
    with suppress(OSError):
        mark_of(root).unlink(missing_ok=True)


def stages_of(data: bytes) -> list[str] | None:
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
    texts, numbers = (
        [item[key] for key in ("hash", "md5") if key in item],
        [item[key] for key in ("size", "nfiles") if key in item],
    )
    return all(isinstance(text, str) for text in texts) and all(isinstance(number, int) for number in numbers)


def _put_back(root: Path) -> str | None:
    data, copy = _read(root / NAME), _read(copy_of(root))
    if data is not None and data != copy:
        stages, kept = stages_of(data), stages_of(copy or b"")
        if stages is None:
            return None if _in_conflict(data) else _replace(root, copy)
        if _lost_its_tail(root, stages, kept or []):
            return _replace(root, copy)
    keep(root)
    return None


def _lost_its_tail(root: Path, stages: list[str], kept: list[str]) -> bool:
    """Whether the last stages are missing, as in a file that was cut off between two: DVC adds them at the end, and removes none.

    A person may have removed them too, by git or by hand; by hand only where no command was ended that could have cut it off.
    """
    if not mark_of(root).exists() or len(stages) >= len(kept) or stages != kept[: len(stages)]:
        return False
    return not _moved_on(root) and not _git_knows(root)


def _git_knows(root: Path) -> bool:
    number = _git(root, "hash-object", "--", NAME)
    return number is not None and _git(root, "cat-file", "-e", number.decode().strip()) is not None


def _committed(root: Path) -> bytes:
    """Git's number of the last committed dvc.lock; empty where there is none, or no git."""
    return (_git(root, "rev-parse", "--verify", "--quiet", f"HEAD:./{NAME}") or b"").strip()


def _committed_then(root: Path) -> Path:
    """Where the number is kept that the last committed one had when the copy was made."""
    return copy_of(root).with_name(f"{NAME}.committed")


def _moved_on(root: Path) -> bool:
    """Whether the last committed one is another than when the copy was made."""
    now, then = _committed(root), _read(_committed_then(root))
    return bool(now) and then is not None and now != then


def _replace(root: Path, copy: bytes | None) -> str:
    choices = [(copy, "as it was before"), (_git(root, "show", f"HEAD:./{NAME}"), "as it was last committed")]
    if _moved_on(root):
        choices.reverse()
    what = f"{NAME} was cut off or damaged, as where DVC is stopped while it writes it"
    for data, which in choices:
        if data is not None and stages_of(data) is not None:
            write_bytes(root / NAME, data)
            keep(root)
            return f"{what}; it was put back {which}: {_AFTER}"
    (root / NAME).unlink(missing_ok=True)
    return f"{what}; it was removed, for there is no earlier one: {_AFTER}"


def _in_conflict(data: bytes) -> bool:
    """Whether git has left two versions in it, between which a person has to choose."""
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
