"""The description of a pretrained architecture: where it is cut, fine-tuned and inspected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class BackboneSpec:
    """An architecture. Names of modules are those inside the trunk.

    last_block: modules that fine-tuning unfreezes. cam_layer: its output is the last feature map before pooling; empty
    for the output of the trunk. normalisation: mean and std per channel of the published weights, for pixels in [0, 1].
    """

    build: Callable[[], nn.Module]
    last_block: tuple[str, ...]
    cam_layer: str
    first_conv: str
    normalisation: tuple[tuple[float, ...], tuple[float, ...]]
