"""A network of any class, with the layers that later stages look at, as far as it has them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from torch import nn

from warmstart.errors import UserError, first_line
from warmstart.models.hooks import eval_mode, forward_hooks
from warmstart.models.library_networks import TimmNet, TorchvisionNet

LIBRARIES = {f"{made.__module__}.{made.__qualname__}": made for made in (TimmNet, TorchvisionNet)}
CALLED = "it is called with size=, channels= and outputs=, and what the group network has besides"


class OwnNetwork(nn.Module):
    """``net`` is ``target(**arguments, size=, channels=, outputs=)``: float (N, channels, size, size) to (N, outputs).

    target: dotted path of a subclass of ``torch.nn.Module``. arguments: plain data. The properties ``output_layer``,
    ``first_conv`` and ``cam_layer`` are those of ``net`` where it has them. Else they are the last linear layer, the
    first convolution and the last feature map that an image passes, or None. Raises UserError for a class that cannot
    be imported or made, and for another output.
    """

    def __init__(self, *, target: str, arguments: Mapping[str, Any], size: int, channels: int, outputs: int) -> None:
        super().__init__()
        made = network_class(target)
        try:
            self.net = made(**arguments, size=size, channels=channels, outputs=outputs)
            output, found = _look(self.net, torch.zeros(1, channels, size, size))
        except (TypeError, ValueError, RuntimeError, AssertionError) as error:
            hint = f"; {CALLED}" if isinstance(error, TypeError) else ""
            raise UserError(f"network._target_ is {target}: {first_line(error)}{hint}") from None
        shape = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
        if shape != (1, outputs):
            raise UserError(
                f"network._target_ is {target}: it gives {shape} for one image; it must give (1, {outputs})"
            )
        layers = {kind: getattr(self.net, kind, layer) for kind, layer in found.items()}
        names = {module: name for name, module in self.named_modules()}
        # Names, so that a copy of the network does not refer to layers of the original.
        self._names = {kind: names[layer] for kind, layer in layers.items() if layer in names}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images to logits."""
        out: torch.Tensor = self.net(x)
        return out

    @property
    def output_layer(self) -> nn.Module | None:
        """The layer whose output is the logits."""
        return self._layer("output_layer")

    @property
    def first_conv(self) -> nn.Conv2d | None:
        """The first convolution."""
        layer = self._layer("first_conv")
        return layer if isinstance(layer, nn.Conv2d) else None

    @property
    def cam_layer(self) -> nn.Module | None:
        """The module whose output is the last feature map."""
        return self._layer("cam_layer")

    def _layer(self, kind: str) -> nn.Module | None:
        return self.get_submodule(self._names[kind]) if kind in self._names else None


def network_class(path: str) -> type[nn.Module]:
    """The class of a dotted path. Raises UserError, which says what to do, where it is missing or no network."""
    if path in LIBRARIES:
        return LIBRARIES[path]
    module, _, name = path.rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(
            f"the network is of the class {path}, which is not here ({first_line(error)}): install its package, or put "
            "the folder of its file on PYTHONPATH"
        ) from None
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        raise UserError(f"the network is of {path}, which is no subclass of torch.nn.Module")
    return found


def _look(network: nn.Module, image: torch.Tensor) -> tuple[Any, dict[str, nn.Module | None]]:
    """The output for a batch of one, and the layers that it passes by what they are to later stages; None for none.

    The last feature map is that of a module that runs once, with no tokens of a transformer after it.
    """
    ran: list[nn.Module] = []
    maps: list[nn.Module] = []

    def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
        ran.append(module)
        if isinstance(output, torch.Tensor) and output.ndim == 3:
            maps.clear()
        elif isinstance(output, torch.Tensor) and output.ndim == 4 and output.shape[2] * output.shape[3] > 1:
            maps.append(module)

    hooks = [(module, hook) for module in network.modules() if module is not network]
    with eval_mode(network), forward_hooks(hooks), torch.no_grad():
        output = network(image)
    return output, {
        "first_conv": next((module for module in ran if isinstance(module, nn.Conv2d)), None),
        "cam_layer": next((module for module in reversed(maps) if ran.count(module) == 1), None),
        "output_layer": next((module for module in reversed(ran) if isinstance(module, nn.Linear)), None),
    }
