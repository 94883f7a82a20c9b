"""A pretrained backbone with a new head on it."""

from __future__ import annotations

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.backbone import Backbone
from warmstart.models.init import glorot_uniform_

POOLS = ("avg", "flatten")


def pool_features(features: torch.Tensor, pool: str) -> torch.Tensor:
    """A feature map (N, C, h, w) to vectors: ``avg`` (N, C), the mean over positions, or ``flatten`` (N, C·h·w)."""
    return features.mean((2, 3)) if pool == "avg" else features.flatten(1)


class Head(nn.Module):
    """Vectors (N, D) to logits (N, outputs): a dense layer with ReLU and dropout, and a linear layer.

    dense: units, None for the linear layer alone. dropout: in [0, 1).
    """

    def __init__(self, inputs: int, *, dense: int | None, dropout: float, outputs: int) -> None:
        super().__init__()
        self.hidden = (
            nn.Sequential(nn.Linear(inputs, dense), nn.ReLU(), nn.Dropout(dropout)) if dense else nn.Identity()
        )
        self.logits = nn.Linear(dense or inputs, outputs)
        glorot_uniform_(self)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.logits(self.hidden(vectors))
        return out


class TransferNet(nn.Module):
    """Images to logits through a backbone. Only the head and unfrozen modules of the backbone are trained.

    size: image side in pixels, which decides the head's input width with ``pool="flatten"``. dense, dropout: of
    ``Head``. train_batch_norm: of ``Backbone``. Raises UserError for an unknown ``pool``, and as ``Backbone``.
    """

    def __init__(
        self,
        *,
        backbone: str,
        size: int,
        outputs: int,
        pool: str,
        dense: int | None,
        dropout: float,
        train_batch_norm: bool = False,
    ) -> None:
        super().__init__()
        if pool not in POOLS:
            raise UserError(f"head.pool is {pool!r}; it is one of {', '.join(POOLS)}")
        self.backbone = Backbone(backbone, train_batch_norm=train_batch_norm)
        self.pool = pool
        channels, height, width = self.backbone.feature_shape(size)
        inputs = channels if pool == "avg" else channels * height * width
        self.head = Head(inputs, dense=dense, dropout=dropout, outputs=outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float (N, 3, size, size) to logits (N, outputs)."""
        logits: torch.Tensor = self.head(pool_features(self.backbone(x), self.pool))
        return logits

    @property
    def output_layer(self) -> nn.Linear:
        """The layer whose output is the logits."""
        return self.head.logits

    @property
    def first_conv(self) -> nn.Conv2d:
        """The first convolution."""
        conv = self.backbone.module(self.backbone.spec.first_conv)
        assert isinstance(conv, nn.Conv2d)
        return conv

    @property
    def cam_layer(self) -> nn.Module:
        """The module whose output is the last feature map."""
        name = self.backbone.spec.cam_layer
        return self.backbone.module(name) if name else self.backbone.trunk
