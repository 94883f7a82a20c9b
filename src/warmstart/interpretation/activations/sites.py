"""Where each convolution's activations can be read: after its non-linearity, found by order of execution."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from warmstart.interpretation.layers import ConvLayer, conv_layers
from warmstart.models.hooks import evaluating, listening

# Those whose zero is exactly 0, so that "off" needs no threshold.
RECTIFIERS = ("ReLU", "ReLU6")
Call = tuple[nn.Module, int]


@dataclass(frozen=True)
class Site:
    """A convolution and the call that gives its activations.

    activation: the non-linearity's class, or None where no such module takes the convolution's output (a linear bottleneck).
    call: the module whose output is read, and which of its calls in one forward pass: one module may serve several layers.
    """

    layer: ConvLayer
    activation: str | None
    call: Call

    @property
    def name(self) -> str:
        """The layer's name without the wrappers that every backbone has."""
        return short_name(self.layer.name)

    @property
    def title(self) -> str:
        """The name in a picture, where VGG's, a bare number, would say nothing."""
        return f"conv {self.name}" if self.name.isdigit() else self.name


def short_name(name: str) -> str:
    """A layer's name inside its trunk."""
    return name.removeprefix("backbone.trunk.").removeprefix("net.")


def find_sites(network: nn.Module, example: torch.Tensor) -> list[Site]:
    """The sites of ``network`` in order of execution. example: a normalised batch of one, (1, C, H, W).

    A non-linearity belongs to a convolution when its input is the very tensor that the convolution, or the batch norm after
    it, gave; or when it runs inside that batch norm (timm's). The network is left in the mode it was in.
    """
    layers = conv_layers(network, example)
    of_readout = {layer.readout: i for i, layer in enumerate(layers)}
    found: list[Site | None] = [None] * len(layers)
    waiting: list[tuple[int, Any]] = []  # a layer and its output, held weakly so that no map outlives its use
    last: list[Any] = [None, None, 0]  # the non-linearity that ran last: what it gave, itself, which call

    def hook(module: nn.Module, call: int, inputs: Any, output: torch.Tensor) -> None:
        index = of_readout.get(module)
        if index is not None and found[index] is None:
            inside = last[1] is not None and last[0]() is output and any(child is last[1] for child in module.modules())
            found[index] = Site(layers[index], _kind(last[1]) if inside else None, (module, call))
            if not inside:
                waiting.append((index, weakref.ref(output)))
        elif is_activation(module):
            for position, (index, given) in enumerate(waiting):
                if given() is inputs[0]:
                    found[index] = Site(layers[index], _kind(module), (module, call))
                    del waiting[position]
                    break
            last[:] = [weakref.ref(output), module, call]

    modules = [module for module in network.modules() if module in of_readout or is_activation(module)]
    with _hooked(network, modules, hook):
        network(example)
    return [site for site in found if site is not None]


def read(
    network: nn.Module, batch: torch.Tensor, sites: list[Site], use: Callable[[int, torch.Tensor], None]
) -> torch.Tensor:
    """Run ``network`` once and give each site's activations, float (N, C, h, w), to ``use`` with its index, as they are made;
    returns the network's output.

    Later layers may overwrite what ``use`` is given: it must reduce or clone it, not keep it. Evaluation mode, no gradients;
    the network is left in the mode it was in.
    """
    index = {site.call: i for i, site in enumerate(sites)}

    def hook(module: nn.Module, call: int, _inputs: Any, output: torch.Tensor) -> None:
        if (module, call) in index:
            use(index[module, call], output.detach())

    with _hooked(network, [site.call[0] for site in sites], hook):
        out: torch.Tensor = network(batch)
    return out


def read_maps(network: nn.Module, batch: torch.Tensor, sites: list[Site]) -> list[torch.Tensor]:
    """Every site's activations, kept: float32 (N, C, h, w) each. For a batch of one or a few."""
    maps: dict[int, torch.Tensor] = {}
    read(network, batch, sites, lambda i, values: maps.update({i: values.clone().float().cpu()}))
    return [maps[i] for i in range(len(sites))]


def is_activation(module: nn.Module) -> bool:
    """Whether a module is a non-linearity: torch and timm keep theirs in files of that name."""
    return "activation" in type(module).__module__ and not list(module.children())


def _kind(module: nn.Module) -> str:
    return type(module).__name__


@contextmanager
def _hooked(
    network: nn.Module, modules: list[nn.Module], hook: Callable[[nn.Module, int, Any, torch.Tensor], None]
) -> Iterator[None]:
    """Call ``hook`` with each module's call number (from 0), inputs and output, in evaluation mode and without gradients."""
    calls: Counter[nn.Module] = Counter()

    def counted(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
        calls[module] += 1
        hook(module, calls[module] - 1, inputs, output)

    with evaluating(network), listening((module, counted) for module in dict.fromkeys(modules)), torch.no_grad():
        yield
