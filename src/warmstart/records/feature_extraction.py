"""feature_extract.json, beside feature_cache/: how long extracting the features took.

A file of its own, since times are never the same: trainings depend on the features alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from warmstart.records.base import Record


@dataclass(frozen=True)
class ExtractionTime:
    """Of all images at one size, its side in pixels."""

    size: int
    images: int
    seconds: float


@dataclass(frozen=True)
class FeatureExtraction(Record):
    """sizes: empty where no recipe trains on cached features; then device is empty too."""

    FILE: ClassVar[str] = "feature_extract.json"

    sizes: list[ExtractionTime]
    device: str

    def seconds(self, size: int | None) -> float:
        """Seconds of the extraction at a size; 0 where there was none, or where the size is not known (None)."""
        return sum(one.seconds for one in self.sizes if one.size == size)
