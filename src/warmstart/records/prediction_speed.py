"""evaluate/speed.json: how long a network takes for an image. A file of its own, since times are never the same."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.records.base import Record


@dataclass(frozen=True)
class PredictionSpeed(Record):
    """Seconds an image, from pixels to logits: the median over ``batches`` batches of ``batch_size`` images, and the
    fastest and the slowest of them. threads: of the CPU, in PyTorch's count. precision: in Lightning's words.
    """

    seconds_per_image: float
    seconds_fastest: float
    seconds_slowest: float
    batches: int
    batch_size: int
    device: str
    threads: int
    precision: str
