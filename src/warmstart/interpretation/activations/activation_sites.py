"""Where each convolution's activations can be read, and which layers and channels are shown."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from warmstart.interpretation.conv_layers import ConvLayer, conv_layers, group_by_block
from warmstart.models.hooks import eval_mode, forward_hooks

RECTIFIERS = ("ReLU", "ReLU6")  # whose zero is exactly 0, so that "off" needs no threshold
Inputs = tuple[torch.Tensor, ...]
CountedHook = Callable[[nn.Module, int, Inputs, torch.Tensor], None]
MAX_LAYERS = 16  # with a picture of their own
MIN_SIDE_WITH_RIM = 7  # cells; a smaller map has no rim to leave out


@dataclass(frozen=True)
class ActivationSite:
    """activation: the class of the non-linearity behind a convolution, None where there is none (a linear bottleneck).
    call: the module whose output is read, and which of its calls in one forward pass: one may serve several layers.
    """

    layer: ConvLayer
    activation: str | None
    call: tuple[nn.Module, int]

    @property
    def name(self) -> str:
        """The layer's name without the wrappers that every backbone has."""
        return self.layer.short_name

    @property
    def title(self) -> str:
        """The name in a picture, where VGG's, a bare number, would say nothing."""
        return f"conv {self.name}" if self.name.isdigit() else self.name


def find_activation_sites(network: nn.Module, example: torch.Tensor) -> list[ActivationSite]:
    """The sites of ``network`` in order of execution. example: a normalised batch of one, (1, C, H, W).

    A non-linearity belongs to a convolution when its input is the very tensor that the convolution, or the batch norm
    after it, gave; or when it runs inside that batch norm (timm's).
    """
    layers = conv_layers(network, example)
    of_readout = {layer.readout: i for i, layer in enumerate(layers)}
    found: dict[int, ActivationSite] = {}
    waiting: list[tuple[int, weakref.ref[torch.Tensor]]] = []  # a layer and its output
    last: tuple[nn.Module, weakref.ref[torch.Tensor]] | None = None  # the non-linearity that ran last, and its output

    def hook(module: nn.Module, call: int, inputs: Inputs, output: torch.Tensor) -> None:
        nonlocal last
        i = of_readout.get(module)
        if i is not None and i not in found:
            inside = last[0] if last and last[1]() is output and any(m is last[0] for m in module.modules()) else None
            found[i] = ActivationSite(layers[i], type(inside).__name__ if inside else None, (module, call))
            if not inside:
                waiting.append((i, weakref.ref(output)))
        elif is_activation(module):
            for position, (k, given) in enumerate(waiting):
                if given() is inputs[0]:
                    found[k] = ActivationSite(layers[k], type(module).__name__, (module, call))
                    del waiting[position]
                    break
            last = module, weakref.ref(output)

    modules = [module for module in network.modules() if module in of_readout or is_activation(module)]
    with _counted_hooks(network, modules, hook):
        network(example)
    return [found[i] for i in sorted(found)]


def read_activations(
    network: nn.Module, batch: torch.Tensor, sites: Sequence[ActivationSite], use: Callable[[int, torch.Tensor], None]
) -> torch.Tensor:
    """Run ``network`` once and give each site's activations, float (N, C, h, w), to ``use`` with its index.

    Later layers may overwrite what ``use`` is given: it must reduce or clone it. Returns the network's output.
    """
    index = {site.call: i for i, site in enumerate(sites)}

    def hook(module: nn.Module, call: int, _inputs: Inputs, output: torch.Tensor) -> None:
        if (module, call) in index:
            use(index[module, call], output.detach())

    with _counted_hooks(network, [site.call[0] for site in sites], hook):
        out: torch.Tensor = network(batch)
    return out


def read_activation_maps(
    network: nn.Module, batch: torch.Tensor, sites: Sequence[ActivationSite]
) -> list[torch.Tensor]:
    """Every site's activations, float32 (N, C, h, w) each. For a batch of one or a few."""
    maps: dict[int, torch.Tensor] = {}
    read_activations(network, batch, sites, lambda i, values: maps.update({i: values.clone().float().cpu()}))
    return [maps[i] for i in range(len(sites))]


def is_activation(module: nn.Module) -> bool:
    """Whether a module is a non-linearity: torch and timm keep theirs in files of that name."""
    return "activation" in type(module).__module__ and not list(module.children())


@contextmanager
def _counted_hooks(network: nn.Module, modules: Sequence[nn.Module], hook: CountedHook) -> Iterator[None]:
    """Call ``hook`` with each module's call number (from 0), in evaluation mode, which is undone, without gradients."""
    calls: Counter[nn.Module] = Counter()

    def counted(module: nn.Module, inputs: Inputs, output: torch.Tensor) -> None:
        calls[module] += 1
        hook(module, calls[module] - 1, inputs, output)

    with eval_mode(network), forward_hooks((module, counted) for module in dict.fromkeys(modules)), torch.no_grad():
        yield


def shown_layers(sites: Sequence[ActivationSite]) -> list[int]:
    """Indices of the layers that get a picture: all of up to 16; of more, the last of each block with a non-linearity.

    Blocks are those of the finest level of names that gives at most 16 of them: blocks.0 … blocks.6, layer1 … layer4.
    Where even the top level has more, 16 evenly spread.
    """
    usable = [i for i in range(len(sites)) if not is_gate(sites, i)]
    if len(usable) <= MAX_LAYERS:
        return usable
    for depth in range(max(len(sites[i].name.split(".")) for i in usable), 0, -1):
        blocks = group_by_block(usable, depth, lambda i: sites[i].name)
        if len(blocks) <= MAX_LAYERS:
            return sorted(max(block, key=lambda i: (sites[i].activation is not None, i)) for block in blocks)
    return [usable[round(position)] for position in np.linspace(0, len(usable) - 1, MAX_LAYERS)]


def is_gate(sites: Sequence[ActivationSite], index: int) -> bool:
    """Whether a layer works on a pooled map, one value a channel (squeeze and excitation), before a larger one."""
    layer = sites[index].layer
    return layer.height * layer.width == 1 and any(s.layer.height * s.layer.width > 1 for s in sites[index + 1 :])


def strongest_channels(maps: np.ndarray, count: int) -> list[int]:
    """The channels of one photo's maps, float (C, h, w), with the largest standard deviation over places, then mean.

    By mean alone, those come first that are fully on everywhere. The rim of a map, which shows the padding, is left
    out.
    """
    smaller = min(maps.shape[1:])
    rim = -(-smaller // 20) if smaller >= MIN_SIDE_WITH_RIM else 0
    inner = maps[:, rim : maps.shape[1] - rim, rim : maps.shape[2] - rim]
    order = np.lexsort((-inner.mean(axis=(1, 2)), -inner.std(axis=(1, 2)).round(6)))
    return [int(i) for i in order[:count]]
