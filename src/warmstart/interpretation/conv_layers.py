"""The convolutions of a network, in the order in which an image passes them, and their outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import nn

from warmstart.models.hooks import eval_mode, forward_hooks, no_param_grad

T = TypeVar("T")
Hook = Callable[[nn.Module, tuple[torch.Tensor, ...], torch.Tensor], None]
# How Warmstart's networks wrap a backbone; what is left is the name that the backbone's authors gave.
WRAPPERS = re.compile(r"^(backbone\.)?(trunk\.)?(net\.)?")


@dataclass(frozen=True)
class ConvLayer:
    """name: the convolution's path in the network. readout: the module whose output is the channel before its
    non-linearity: the batch norm that takes the convolution's output, if there is one (its gain may be negative), else
    the convolution. channels, height, width: of its output.
    """

    name: str
    module: nn.Conv2d
    readout_name: str
    readout: nn.Module
    channels: int
    height: int
    width: int

    @property
    def short_name(self) -> str:
        """The name without the modules that wrap a backbone."""
        return short_name(self.name)

    @property
    def depthwise(self) -> bool:
        """Whether each output channel depends on one input channel alone."""
        return self.module.groups > 1 and self.module.groups == self.module.in_channels


def short_name(name: str) -> str:
    """A module's name without the modules that wrap a backbone."""
    return WRAPPERS.sub("", name)


def conv_layers(network: nn.Module, example: torch.Tensor) -> list[ConvLayer]:
    """The convolutions that ``example``, a normalised batch of one (1, C, H, W), passes, in that order, each once."""
    found: list[ConvLayer] = []
    last: list[torch.Tensor] = []  # the output of the convolution that ran last

    def recorder(name: str) -> Hook:
        def hook(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
            if isinstance(module, nn.Conv2d) and output.ndim == 4:
                if all(layer.name != name for layer in found):
                    found.append(ConvLayer(name, module, name, module, *output.shape[1:]))
                    last[:] = [output]
            elif isinstance(module, nn.BatchNorm2d) and last and inputs[0] is last[0]:
                found[-1] = replace(found[-1], readout_name=name, readout=module)

        return hook

    kinds = (nn.Conv2d, nn.BatchNorm2d)
    hooks = [(module, recorder(name)) for name, module in network.named_modules() if isinstance(module, kinds)]
    with eval_mode(network), forward_hooks(hooks), torch.no_grad():
        network(example)
    return found


def group_by_block(layers: Iterable[T], depth: int, short: Callable[[T], str]) -> list[list[T]]:
    """Layers whose short names agree in the first ``depth`` parts, in order of first appearance."""
    blocks: dict[tuple[str, ...], list[T]] = {}
    for layer in layers:
        blocks.setdefault(tuple(short(layer).split(".")[:depth]), []).append(layer)
    return list(blocks.values())


class _AllRead(Exception):
    """Leaves a forward pass once every layer has been read. It is no error."""


@contextmanager
def input_gradients(network: nn.Module) -> Iterator[None]:
    """Evaluation mode with gradients for images and none for parameters; the network is left as it was."""
    with eval_mode(network), no_param_grad(network), torch.inference_mode(False), torch.enable_grad():
        yield


def layer_output(network: nn.Module, layer: ConvLayer, images: torch.Tensor) -> torch.Tensor:
    """The layer's output before its non-linearity, (N, K, h, w), for normalised images (N, C, H, W) of any size."""
    outputs: list[torch.Tensor] = []
    read_layers(network, {"": layer}, images, lambda _, output: outputs.append(output))
    return outputs[0]


def read_layers(
    network: nn.Module, layers: Mapping[str, ConvLayer], images: torch.Tensor, use: Callable[[str, torch.Tensor], None]
) -> None:
    """Call ``use(key, output)`` for each layer as the images pass it, and stop the network after the last.

    An output is (N, K, h, w), before the non-linearity. It must be used at once: what follows may overwrite it in
    place.
    """
    waiting = set(layers)

    def reader(key: str) -> Hook:
        def hook(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
            # timm fuses the activation into its batch norm, which is then computed again without it.
            fused = isinstance(module, nn.BatchNorm2d) and type(module).forward is not nn.BatchNorm2d.forward
            use(key, nn.BatchNorm2d.forward(module, inputs[0]) if fused else output)  # type: ignore[arg-type]
            waiting.discard(key)
            if not waiting:
                raise _AllRead

        return hook

    with suppress(_AllRead), forward_hooks((layer.readout, reader(key)) for key, layer in layers.items()):
        network(images)
