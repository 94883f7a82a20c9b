"""Keras' initial weights, as the lesson's networks trained from scratch have them."""

from __future__ import annotations

from torch import nn


def glorot_uniform_(module: nn.Module) -> None:
    """Initialise every convolution and dense layer in ``module``: Glorot-uniform kernels, zero biases.

    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
