"""Groups of parameters with a learning rate and weight decay of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn

from warmstart.config.schema import ParamGroups
from warmstart.errors import UserError
from warmstart.models.transfer import TransferNet
from warmstart.training.messages import NO_GROUPS, NOTHING_TO_TRAIN

Parameters = Mapping[str, nn.Parameter]  # by name in the network


def build_optimizer(
    factory: Callable[..., torch.optim.Optimizer], network: nn.Module, options: ParamGroups
) -> torch.optim.Optimizer:
    """The optimizer of the trainable parameters of ``network``.

    A group's ``lr_scale`` is its learning rate as a share of the optimizer's. Raises UserError where nothing is
    trainable, and where the optimizer knows no groups.
    """
    parameters = {name: each for name, each in network.named_parameters() if each.requires_grad}
    if not parameters:
        raise UserError(NOTHING_TO_TRAIN)
    if options == ParamGroups():
        return factory(list(parameters.values()))
    groups = split_parameters(network, parameters, options)
    try:
        optimizer = factory([{key: value for key, value in group.items() if key != "name"} for group in groups])
    except ValueError as error:
        raise UserError(NO_GROUPS.format(error)) from None
    base = optimizer.defaults["lr"]
    for group in optimizer.param_groups:
        if group.pop("head") and options.head_lr is not None:
            group["lr_scale"] = options.head_lr / base
        group["lr"] = base * group["lr_scale"]
    return optimizer


def split_parameters(network: nn.Module, parameters: Parameters, options: ParamGroups) -> list[dict[str, Any]]:
    """Groups in the order of the network, each with ``params``, ``lr_scale``, ``head`` (whether it is of the head), and
    ``weight_decay`` 0 where there is to be none. Vectors (biases, and the scales and shifts of norms) do not decay.
    """
    backbone = isinstance(network, TransferNet)
    blocks = block_names(name for name in parameters if name.startswith("backbone."))
    last: Any = getattr(network, "output_layer", None)
    outputs = {id(parameter) for parameter in last.parameters()} if last is not None else set()
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, parameter in parameters.items():
        block = block_of(name) if backbone and name.startswith("backbone.") else None
        before_head = 0 if block is None else len(blocks) - blocks.index(block)
        scale = (options.layer_decay or 1.0) ** before_head
        undecayed = options.no_decay and parameter.ndim <= 1
        head = block is None and (backbone or id(parameter) in outputs)
        group = groups.setdefault(
            (head, scale, undecayed),
            {"params": [], "lr_scale": scale, "head": head, **({"weight_decay": 0.0} if undecayed else {})},
        )
        group["params"].append(parameter)
    return list(groups.values())


def block_names(names: Iterable[str]) -> list[str]:
    """The blocks of a backbone, in order, by the names of its parameters."""
    return list(dict.fromkeys(map(block_of, names)))


def block_of(name: str) -> str:
    """The block that a parameter of a backbone is in: its part of the trunk, and where that is a sequence, the item."""
    parts = [part for part in name.split(".")[:-1] if part not in ("backbone", "trunk", "net")]
    return ".".join(parts[:2] if len(parts) > 1 and parts[1].isdigit() else parts[:1])
