"""Reading what a layer answers before its non-linearity, going no further than that layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch import nn

from warmstart.interpretation.layers import ConvLayer
from warmstart.models.hooks import evaluating, frozen, listening


class _Reached(Exception):
    """The way out of a forward pass, no error: the layer has answered, and nothing after it is of interest."""


@contextmanager
def observing(network: nn.Module) -> Iterator[None]:
    """The network in evaluation mode with gradients for images and none for parameters, as it was afterwards."""
    with evaluating(network), frozen(network), torch.inference_mode(False), torch.enable_grad():
        yield


def respond(network: nn.Module, layer: ConvLayer, images: torch.Tensor) -> torch.Tensor:
    """The layer's answer before its non-linearity, (N, K, h, w); the network stops there, so that images of any size do.

    images: normalised, (N, C, H, W).
    """
    answers: list[torch.Tensor] = []
    visit(network, {"": layer}, images, lambda _, answer: answers.append(answer))
    return answers[0]


def visit(
    network: nn.Module, layers: Mapping[str, ConvLayer], images: torch.Tensor, use: Callable[[str, torch.Tensor], Any]
) -> None:
    """Call ``use(key, answer)`` for each layer as the images pass it; the network stops after the last of them.

    An answer is (N, K, h, w), before the non-linearity. It must be used at once: what follows may overwrite it in place.
    """
    waiting = set(layers)

    def reader(key: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
            # timm fuses the activation into its batch norm, which is then computed again without it.
            fused = isinstance(module, nn.BatchNorm2d) and type(module).forward is not nn.BatchNorm2d.forward
            use(key, nn.BatchNorm2d.forward(module, inputs[0]) if fused else output)  # type: ignore[arg-type]
            waiting.discard(key)
            if not waiting:
                raise _Reached

        return hook

    with suppress(_Reached), listening((layer.readout, reader(key)) for key, layer in layers.items()):
        network(images)
