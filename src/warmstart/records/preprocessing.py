"""How a photo becomes a network's input, as files say it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PreprocessingSettings:
    """size: height and width in pixels. mean, std: a value a channel, for pixels in [0, 1]. decoder: the library."""

    size: int
    channels: int
    resize: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    decoder: str
    fit: str
