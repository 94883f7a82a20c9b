"""What must be known of a pretrained architecture to cut it, fine-tune it and look into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class BackboneSpec:
    """What must be known of an architecture. Module names are those inside the trunk.

    last_block: what fine-tuning unfreezes. cam_layer: its output is the last feature map before pooling.
    normalisation: mean and std per channel, for pixels in [0, 1], that the published weights were trained with.
    """

    build: Callable[[], nn.Module]
    last_block: tuple[str, ...]
    cam_layer: str
    first_conv: str
    normalisation: tuple[tuple[float, ...], tuple[float, ...]]
