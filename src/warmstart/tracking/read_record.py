"""Reading a record also from a stage that writes its file without the version of the format."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from warmstart.files.plain import read_json
from warmstart.records.base import VERSION_KEY, Record

R = TypeVar("R", bound=Record)


def read_record(kind: type[R], path: Path) -> R:
    """As ``kind.read(path)``. Raises UserError. Replace it by that when every stage writes its files as records."""
    content = read_json(path)
    return kind.parse({VERSION_KEY: kind.FORMAT, **{key: _whole_epochs(value) for key, value in content.items()}}, path)


def _whole_epochs(value: object) -> object:
    if isinstance(value, list):
        return [_whole_epochs(item) for item in value]
    if isinstance(value, dict):
        return {k: int(v) if k == "epoch" and isinstance(v, float) else _whole_epochs(v) for k, v in value.items()}
    return value
