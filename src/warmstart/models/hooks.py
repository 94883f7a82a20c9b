"""Context managers that look at a network and leave it as it was: its mode, its trainable parameters and its hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn


@contextmanager
def eval_mode(network: nn.Module) -> Iterator[None]:
    """Set evaluation mode; afterwards each module is in the mode it was in, because parts may differ."""
    modes = {module: module.training for module in network.modules()}
    try:
        network.eval()
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def no_param_grad(network: nn.Module) -> Iterator[None]:
    """Turn ``requires_grad`` off for all parameters, so that a backward pass keeps nothing only for parameters."""
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    try:
        network.requires_grad_(False)
        yield
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)


@contextmanager
def forward_hooks(hooks: Iterable[tuple[nn.Module, Callable[..., Any]]]) -> Iterator[None]:
    """Register each ``hook(module, inputs, output)`` on its module, and remove all of them at the end."""
    with ExitStack() as handles:
        for module, hook in hooks:
            handles.enter_context(module.register_forward_hook(hook))
        yield
