"""The layers of a network, as in Keras' ``model.summary()``: shapes, parameters, and how many are trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from warmstart.models.hooks import eval_mode, forward_hooks
from warmstart.records.layers import Layer, LayerTable


def layer_table(network: nn.Module, example: torch.Tensor) -> LayerTable:
    """The layers of ``network`` in the order in which ``example``, a batch of one, passes them.

    A layer is a module without children, or whose children have no parameters, as in timm's batch norm with activation.
    `nn.Identity` is left out.
    """
    layers: list[Layer] = []

    def record(name: str, module: nn.Module) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            parameters = list(module.parameters())
            total, trainable = (
                sum(p.numel() for p in parameters if p.requires_grad or every) for every in (True, False)
            )
            layers.append(Layer(name, type(module).__name__, list(getattr(output, "shape", ())[1:]), total, trainable))

        return hook

    hooks = [(module, record(name, module)) for name, module in _layers("", network)]
    with eval_mode(network), forward_hooks(hooks), torch.no_grad():
        network(example)
    return LayerTable(layers)


def _layers(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    own, every = (len(list(module.parameters(recurse))) for recurse in (False, True))
    if own < every or (not own and list(module.children())):
        for child_name, child in module.named_children():
            yield from _layers(f"{name}.{child_name}".removeprefix("."), child)
    elif not isinstance(module, nn.Identity):
        yield name, module


def format_layer_table(table: LayerTable) -> str:
    """The table as text, with totals below."""
    header = ("layer", "type", "output", "parameters", "trainable")
    cells = [header] + [
        (row.name, row.type, " × ".join(map(str, row.output_shape)), f"{row.parameters:,}", f"{row.trainable:,}")
        for row in table.layers
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    lines = [
        "  ".join(c.rjust(w) if i > 2 else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        for line in cells
    ]
    rule = "-" * len(lines[0])
    total, trainable = sum(row.parameters for row in table.layers), sum(row.trainable for row in table.layers)
    totals = f"total {total:,}   trainable {trainable:,}   frozen {total - trainable:,}"
    return "\n".join([lines[0], rule, *lines[1:], rule, totals]) + "\n"
