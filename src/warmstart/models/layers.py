"""A table of layers like Keras' ``model.summary()``: shapes, parameters, and what is frozen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from warmstart.models.hooks import eval_mode, forward_hooks


def layer_table(network: nn.Module, example: torch.Tensor) -> list[dict[str, Any]]:
    """List the layers of ``network`` in the order in which ``example``, a batch of one, passes them.

    Each is {name, type, output_shape (without the batch), parameters, trainable}. What only passes its input on
    (`nn.Identity`) is left out.
    """
    rows: list[dict[str, Any]] = []

    def record(name: str, module: nn.Module) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
            parameters = list(module.parameters())
            rows.append(
                {
                    "name": name,
                    "type": type(module).__name__,
                    "output_shape": list(output.shape[1:]),
                    "parameters": sum(p.numel() for p in parameters),
                    "trainable": sum(p.numel() for p in parameters if p.requires_grad),
                }
            )

        return hook

    hooks = [(module, record(name, module)) for name, module in _layers("", network)]
    with eval_mode(network), forward_hooks(hooks), torch.no_grad():
        network(example)
    return rows


def _layers(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Modules without children, and those that alone have parameters, such as timm's batch norm with an activation in it."""
    children = list(module.named_children())
    inside = sum(1 for _, child in children for _ in child.parameters())
    if not children or (not inside and any(True for _ in module.parameters())):
        if not isinstance(module, nn.Identity):
            yield name, module
        return
    for child_name, child in children:
        yield from _layers(f"{name}.{child_name}".removeprefix("."), child)


def format_layer_table(rows: list[dict[str, Any]]) -> str:
    """The table as text, with totals below."""
    header = ("layer", "type", "output", "parameters", "trainable")
    cells = [header] + [
        (
            row["name"],
            row["type"],
            " × ".join(map(str, row["output_shape"])),
            f"{row['parameters']:,}",
            f"{row['trainable']:,}",
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    lines = [
        "  ".join(c.rjust(w) if i > 2 else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        for line in cells
    ]
    rule = "-" * len(lines[0])
    total, trainable = sum(row["parameters"] for row in rows), sum(row["trainable"] for row in rows)
    totals = f"total {total:,}   trainable {trainable:,}   frozen {total - trainable:,}"
    return "\n".join([lines[0], rule, *lines[1:], rule, totals]) + "\n"
