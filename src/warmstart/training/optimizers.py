"""From the ``optimizer`` group of the configuration to an optimiser of PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from warmstart.errors import UserError

TAKES = {
    "RMSprop": ("lr", "alpha", "eps", "momentum", "weight_decay"),
    "Adam": ("lr", "eps", "weight_decay"),
    "AdamW": ("lr", "eps", "weight_decay"),
    "SGD": ("lr", "momentum", "weight_decay"),
    "LBFGS": ("lr",),
}


def build_optimizer(options: Mapping[str, Any], parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """Build ``options["name"]`` with the options that are set; one that is null keeps PyTorch's default.

    Raises UserError for one that the optimiser does not take; a weight decay of 0 is none, which every optimiser can do.
    """
    name = options["name"]
    if name not in TAKES:
        raise UserError(f"optimizer.name is {name!r}; it is one of {', '.join(TAKES)}")
    given: dict[str, Any] = {key: options.get(key) for key in ("lr", "alpha", "eps", "momentum", "weight_decay")}
    given = {key: value for key, value in given.items() if value is not None}
    if given.get("weight_decay") == 0 and "weight_decay" not in TAKES[name]:
        del given["weight_decay"]
    for key in given:
        if key not in TAKES[name]:
            raise UserError(f"optimizer.{key} is set, but {name} does not take it: set it to null")
    if not given["lr"] > 0:
        raise UserError(f"optimizer.lr is {given['lr']}; it is a number above 0")
    if name == "LBFGS":
        return torch.optim.LBFGS(list(parameters), max_iter=20, line_search_fn="strong_wolfe", **given)
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(list(parameters), **given)
    return optimizer
