"""The lesson's small networks, trained from scratch: convolutions and a dense layer, or the dense layer alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from warmstart.config.image_size import check_size, poolings
from warmstart.models.init import glorot_uniform_

# Keras' BatchNormalization: momentum 0.99 is PyTorch's 0.01.
KERAS_BATCH_NORM: dict[str, Any] = {"momentum": 0.01, "eps": 1e-3}


class ConvNet(nn.Module):
    """Convolutions 3×3 without padding, each with ReLU and a 2×2 max-pool, then a dense layer and the logits.

    size, channels: of the input, (N, channels, size, size). widths: output channels of each convolution; an empty list
    gives a dense network. pooled: how many of the convolutions, from the first on, are followed by pooling; None for
    all. dense: units. batch_norm: after the ReLU of every convolution and of the dense layer, as in the lesson.
    dropout: share dropped before the dense layer, in [0, 1). outputs: number of logits.
    Raises UserError if the image is too small for the convolutions, or ``pooled`` exceeds their number.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int,
        outputs: int,
        widths: Sequence[int],
        dense: int,
        batch_norm: bool,
        dropout: float,
        pooled: int | None = None,
    ) -> None:
        super().__init__()
        check_size(size, {"widths": widths, "pooled": pooled})
        pools = poolings(widths, pooled)
        blocks: list[nn.Module] = []
        side, before = size, channels
        for index, width in enumerate(widths):
            layers: list[nn.Module] = [nn.Conv2d(before, width, 3), nn.ReLU()]
            side, before = side - 2, width
            if batch_norm:
                layers.append(nn.BatchNorm2d(width, **KERAS_BATCH_NORM))
            if index < pools:
                layers.append(nn.MaxPool2d(2))
                side //= 2
            blocks.append(nn.Sequential(*layers))
        self.blocks = nn.Sequential(*blocks)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Sequential(nn.Linear(before * side * side, dense), nn.ReLU())
        if batch_norm:
            self.dense.append(nn.BatchNorm1d(dense, **KERAS_BATCH_NORM))
        self.logits = nn.Linear(dense, outputs)
        glorot_uniform_(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float (N, channels, size, size) to logits (N, outputs)."""
        out: torch.Tensor = self.logits(self.dense(self.dropout(self.flatten(self.blocks(x)))))
        return out

    @property
    def output_layer(self) -> nn.Linear:
        """The layer whose output is the logits."""
        return self.logits

    @property
    def first_conv(self) -> nn.Conv2d | None:
        """The first convolution; None in a dense network."""
        return next((layer for layer in self.blocks.modules() if isinstance(layer, nn.Conv2d)), None)

    @property
    def cam_layer(self) -> nn.Module | None:
        """The module whose output is the last feature map before pooling; None in a dense network."""
        if not len(self.blocks):
            return None
        *_, last = (layer for layer in self.blocks[-1].children() if not isinstance(layer, nn.MaxPool2d))
        return last
