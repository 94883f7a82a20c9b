"""The lesson's small convolutional network, trained from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.init import glorot_uniform_

# Keras' BatchNormalization: momentum 0.99 is PyTorch's 0.01.
KERAS_BATCH_NORM: dict[str, Any] = {"momentum": 0.01, "eps": 1e-3}


class ConvNet(nn.Module):
    """Convolutions 3×3 without padding, each with ReLU and a 2×2 max-pool, then a dense layer and the logits.

    size, channels: of the input, (N, channels, size, size). widths: output channels of each convolution. dense: units.
    batch_norm: after the ReLU of every convolution and of the dense layer, as the lesson shows it. dropout: share dropped
    before the dense layer. outputs: 1 logit for two classes, else one per class.
    Raises UserError when the image is too small for the poolings.
    """

    def __init__(
        self, *, size: int, channels: int, outputs: int, widths: Sequence[int], dense: int, batch_norm: bool, dropout: float
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        side, before = size, channels
        for width in widths:
            layers: list[nn.Module] = [nn.Conv2d(before, width, 3), nn.ReLU()]
            if batch_norm:
                layers.append(nn.BatchNorm2d(width, **KERAS_BATCH_NORM))
            layers.append(nn.MaxPool2d(2))
            blocks.append(nn.Sequential(*layers))
            side, before = (side - 2) // 2, width
            if side < 1:
                raise UserError(
                    f"images of {size} px are too small for {len(widths)} convolutions with pooling: data.size must be "
                    f"{smallest_size(len(widths))} or more"
                )
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
    def first_conv(self) -> nn.Conv2d:
        """The convolution that sees the pixels."""
        block = self.blocks[0]
        assert isinstance(block, nn.Sequential) and isinstance(block[0], nn.Conv2d)
        return block[0]

    @property
    def cam_layer(self) -> nn.Module:
        """The last feature map before pooling throws away where things are."""
        block = self.blocks[-1]
        assert isinstance(block, nn.Sequential)
        return block[-2]


def smallest_size(poolings: int) -> int:
    """The smallest image side, in pixels, that leaves one pixel after so many 3×3 convolutions with 2×2 pooling."""
    side = 1
    for _ in range(poolings):
        side = 2 * side + 2
    return side
