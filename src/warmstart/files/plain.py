"""Reading and writing plain files so that nothing is ever left half-written: write aside, then rename."""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from warmstart.errors import UserError
from warmstart.files.aside import aside, flush, take_place
from warmstart.files.reading import need, reading
from warmstart.text.file_sizes import format_bytes

log = logging.getLogger(__name__)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write ``data`` to ``path`` in one step: a reader sees the old content or the new, never a part, also after a
    power cut.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with aside(path) as new:
        new.write_bytes(data)
        flush(new)
        os.replace(new, path)


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` as UTF-8 in one step."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, value: Any) -> None:
    """Write ``value`` as indented JSON in one step. NaN and infinity are refused (ValueError): no reader agrees on
    them.
    """
    write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: str | Path, *keys: str, kind: type = dict) -> Any:
    """Read a JSON file that is a ``kind``, mostly an object, which has these keys. Raises UserError, naming the file
    and what makes it anew.
    """
    with reading(path, "JSON"):
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(content, kind):
            raise ValueError(f"it holds a {type(content).__name__} and no {kind.__name__}")
        return need(path, content, keys) if keys else content


@contextmanager
def replace_dir(path: str | Path) -> Iterator[Path]:
    """Give a new empty folder beside ``path``, which takes its place on success. On failure remove it, and the folders
    around it that were made for it.

    A reader sees the old folder or the new (see `warmstart.files.aside.take_place`), whole also after a power cut.
    """
    path = Path(path)
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with aside(path, folder=True) as new:
            yield new
            new.chmod(default_mode() | (new.stat().st_mode & stat.S_ISGID))  # of a folder that a group shares
            for file in new.rglob("*"):  # some libraries make files that only their owner may read
                if file.is_file() and not file.is_symlink():
                    file.chmod(stat.S_IMODE(file.stat().st_mode) | default_mode(0o666))
            flush(new)
            take_place(new, path)
    except BaseException:
        with suppress(OSError):  # somebody else's work is in it by now
            for folder in made:
                folder.rmdir()
        raise


def default_mode(bits: int = 0o777) -> int:
    """The mode that a new folder, or with 0o666 a new file, has for this user, who decides by the umask who else may
    read and write.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        mask = int(status.split("Umask:")[1].split()[0], 8)
    except (OSError, IndexError, ValueError):
        mask = os.umask(0o077)  # there is no other way to ask for it
        os.umask(mask)
    return bits & ~mask


def check_room(path: str | Path, need: int, what: str) -> None:
    """Say what is about to be written where, before it is. need: bytes. Raises UserError where the disk has no room for
    it.

    What stands at ``path`` is kept until the new is whole, so it makes no room.
    """
    folder, free = free_space(path)
    if need > free:
        raise UserError(
            f"{what} need {format_bytes(need)} on disk, and {folder} has {format_bytes(free)} free: make room there "
            f"first"
        )
    log.info("%s need %s on disk; %s are free", what, format_bytes(need), format_bytes(free))


def free_space(path: str | Path) -> tuple[Path, int]:
    """The folder that ``path`` is in or would be in, as far as there is one, and the bytes that are free there."""
    folder = Path(path).absolute()
    while not folder.is_dir():
        folder = folder.parent
    return folder, shutil.disk_usage(folder).free
