"""From the ``optimizer`` group of the configuration to an optimizer of PyTorch."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from warmstart.config.schema import Optimizer
from warmstart.errors import UserError
from warmstart.training import messages

TAKES = {
    "RMSprop": ("lr", "alpha", "eps", "momentum", "weight_decay"),
    "Adam": ("lr", "eps", "weight_decay"),
    "AdamW": ("lr", "eps", "weight_decay"),
    "SGD": ("lr", "momentum", "weight_decay"),
    "LBFGS": ("lr",),
}


def build_optimizer(options: Optimizer, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """Build the optimizer ``options.name``. Options that are None keep PyTorch's default.

    Raises UserError for an option that the optimizer does not take, except for a weight decay of 0.
    """
    name, takes = options.name, TAKES.get(options.name)
    if takes is None:
        raise UserError(messages.UNKNOWN_OPTIMIZER.format(name, ", ".join(TAKES)))
    values = {key: getattr(options, key) for key in ("lr", "alpha", "eps", "momentum", "weight_decay")}
    given = {key: value for key, value in values.items() if value is not None}
    if given.get("weight_decay") == 0 and "weight_decay" not in takes:
        del given["weight_decay"]
    for key in given:
        if key not in takes:
            raise UserError(messages.OPTION_NOT_TAKEN.format(key, name))
    if not options.lr > 0:
        raise UserError(messages.LR_NOT_POSITIVE.format(options.lr))
    if name == "LBFGS":
        return torch.optim.LBFGS(list(parameters), max_iter=20, line_search_fn="strong_wolfe", **given)
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(list(parameters), **given)
    return optimizer
