"""The convolutions of a network in the order in which an image passes them, and where to read each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from warmstart.models.hooks import evaluating, listening


@dataclass(frozen=True)
class ConvLayer:
    """A convolution inside a network.

    name: its path in the network. readout: the module whose output is the channel before its non-linearity: the batch norm
    that takes the convolution's output, where one does (its gain may be negative, so the convolution alone would tell the
    opposite), else the convolution. channels, height, width: of its output. depthwise: one filter a channel, no mixing.
    """

    name: str
    module: nn.Conv2d
    readout_name: str
    readout: nn.Module
    channels: int
    height: int
    width: int

    @property
    def depthwise(self) -> bool:
        """Whether each channel sees one input channel alone."""
        return self.module.groups > 1 and self.module.groups == self.module.in_channels


def conv_layers(network: nn.Module, example: torch.Tensor) -> list[ConvLayer]:
    """The convolutions that ``example``, a normalised batch of one (1, C, H, W), passes, in that order, each once.

    The network is run in evaluation mode and left in the mode it was in.
    """
    found: list[ConvLayer] = []
    before: dict[str, Any] = {}  # the convolution that ran last, and what it gave

    def record(name: str, module: nn.Module) -> Any:
        def hook(_module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
            if isinstance(module, nn.Conv2d) and output.ndim == 4:
                if all(layer.name != name for layer in found):
                    found.append(ConvLayer(name, module, name, module, *(int(side) for side in output.shape[1:])))
                    before.update(output=output, index=len(found) - 1)
            elif isinstance(module, nn.BatchNorm2d) and before and inputs[0] is before["output"]:
                layer = found[before["index"]]
                found[before["index"]] = ConvLayer(
                    layer.name, layer.module, name, module, layer.channels, layer.height, layer.width
                )

        return hook

    kinds = (nn.Conv2d, nn.BatchNorm2d)
    hooks = [(module, record(name, module)) for name, module in network.named_modules() if isinstance(module, kinds)]
    with evaluating(network), listening(hooks), torch.no_grad():
        network(example)
    return found
