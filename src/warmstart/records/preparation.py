"""prepared.json, beside images/: the options that the images were prepared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warmstart.records.base import Record


@dataclass(frozen=True)
class Preparation(Record):
    """options: the configuration's group ``data``, by key. Which keys there are depends on the source (see
    `config.data_schema`), so the mapping is open; in the file its keys are at the top.
    """

    options: dict[str, Any]

    @classmethod
    def _grouped(cls, content: dict[str, Any]) -> dict[str, Any]:
        return {"options": content}

    @classmethod
    def _flattened(cls, content: dict[str, Any]) -> dict[str, Any]:
        return dict(content["options"])
