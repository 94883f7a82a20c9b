"""A resolved config as flat MLflow parameters: what a person would compare runs by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

_MOST_CHARACTERS = 6000  # MLflow's own limit
_MOST_ITEMS = 8
_PLACES = re.compile(r"(^|_)(dir|root|out|output|state|cache)$")  # keys that say where, not what
_FORBIDDEN = re.compile(r"[^\w\-./: ]")


def flatten(config: dict[str, Any]) -> dict[str, str]:
    """``{"optimizer": {"lr": 1e-3}}`` as ``{"optimizer.lr": "0.001"}``: scalars and short lists of scalars.

    Left out: None, long lists, places (absolute paths, and keys such as ``out_dir``), values over 6,000 characters.
    """
    flat = {}
    for key, value in _leaves(config, ""):
        text = _text(value)
        if text is not None and len(text) <= _MOST_CHARACTERS and not _PLACES.search(key.rpartition(".")[2]):
            flat[_FORBIDDEN.sub("_", key)[:250]] = text
    return flat


def _leaves(node: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and (PurePath(value).is_absolute() or value.startswith("~"))):
        return None
    if isinstance(value, (str, bool, int, float)):
        return str(value)
    if not isinstance(value, (list, tuple)) or not 0 < len(value) <= _MOST_ITEMS:
        return None
    return ", ".join(map(str, value)) if all(isinstance(item, (str, bool, int, float)) for item in value) else None
