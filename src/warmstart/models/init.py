"""Keras' initial weights, so that a network trained from scratch starts where the lesson's does."""

from __future__ import annotations

from torch import nn


def glorot_uniform_(module: nn.Module) -> None:
    """Fill every convolution and dense layer below ``module``: Glorot-uniform kernels, zero biases (Glorot & Bengio, 2010)."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
