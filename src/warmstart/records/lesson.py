"""lesson/<part>/<part>.json: the numbers of a demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warmstart.records.base import Record


@dataclass(frozen=True)
class LessonFigures(Record):
    """figures: what a part reports, which each part decides for itself, so the mapping is open; in the file its keys
    are at the top. checkpoint: sha256 of the model.ckpt that it is of, None where it is of none.
    """

    figures: dict[str, Any]
    checkpoint: str | None = None

    @classmethod
    def _grouped(cls, content: dict[str, Any]) -> dict[str, Any]:
        figures = {key: value for key, value in content.items() if key != "checkpoint"}
        return {"figures": figures, "checkpoint": content.get("checkpoint")}

    @classmethod
    def _flattened(cls, content: dict[str, Any]) -> dict[str, Any]:
        checkpoint = content["checkpoint"]
        return {**content["figures"], **({} if checkpoint is None else {"checkpoint": checkpoint})}
