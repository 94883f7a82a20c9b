"""Paths in the configuration: taken from where the person stands, ``~`` included."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from warmstart.errors import UserError

PATH_KEYS = (
    "data.folder",
    "data.archive",
    "data.csv",
    "data.corrections",
    "backbone.weights",
    "init_from",
    "model_dir",
    "out_dir",
    "image",
)
# Keys and groups of a single stage that is run by hand: what DVC runs does not read them.
BY_HAND = ("debug", "sweep", "out_dir", "init_from", "model_dir", "image", "hydra")
WEIGHT_WORDS = ("embedded", "published", "none")


def current_folder() -> Path:
    """The folder in which a command was given. Raises UserError where it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        text = "the current folder has been deleted: change to one that exists, and give the same command again"
        raise UserError(text) from None


def absolute_paths(config: dict[str, Any], here: Path) -> dict[str, Any]:
    """Return ``config`` (plain data) with every path made absolute, relative ones taken from the folder ``here``."""
    out = {key: dict(value) if isinstance(value, dict) else value for key, value in config.items()}
    for key in PATH_KEYS:
        group, _, leaf = key.rpartition(".")
        node = out.get(group) if group else out
        if isinstance(node, dict) and node.get(leaf):
            node[leaf] = absolute(key, node[leaf], here)
    return out


def expand_user(text: str, here: str | Path = "") -> str:
    """``text`` with the home folder in place of ``~`` and ``~/…``, and of ``~user`` where that user exists and no file
    is called so.

    text: a path as a person wrote it, before ``Path`` takes ``./`` off it: ``./~root`` is a folder here. here: the
    folder in which a file of that name counts. Never raises; what cannot be expanded stays.
    """
    first = text.split("/", 1)[0]
    if first == "~" or (first.startswith("~") and not os.path.lexists(os.path.join(here, first))):
        with suppress(ValueError):  # what can be no name of a user
            return os.path.expanduser(text)  # noqa: PTH111 (Path's raises where there is no such user)
    return text


def absolute(key: str, value: Any, here: Path) -> Any:
    """The value of a dotted key, made an absolute path, from the folder ``here``, where it is one."""
    if key not in PATH_KEYS or not isinstance(value, str) or value in WEIGHT_WORDS:
        return value
    return os.path.normpath(here / expand_user(value, here))


def stamp() -> str:
    """A folder name for now, to the millisecond."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)  # read once: between two readings a second may end
    return time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(seconds)) + f"_{rest // 1_000_000:03d}"


def exclusive_folder(wanted: Path) -> Path:
    """Make the folder ``wanted``, or, where somebody has made it already, the first free one of ``wanted_2``,
    ``wanted_3`` …

    Returns the one that this call has made, so no two callers are ever given the same. Raises OSError where none can be
    made.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    names = itertools.chain([wanted.name], (f"{wanted.name}_{number}" for number in itertools.count(2)))
    for folder in map(wanted.with_name, names):
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("the names never end")
