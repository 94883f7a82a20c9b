"""A network's layers in the order in which it runs them, and putting random weights into some."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.models.hooks import listening
from warmstart.models.image_model import ImageModel


def split_layers(model: ImageModel, images: torch.Tensor) -> tuple[list[str], list[str]]:
    """Names, in ``model.network``, of the modules with weights of their own, in the order in which they run: those up to the
    network's last feature map, and those after it, its head. images: uint8 (1, H, W, C).
    """
    network: Any = model.network
    last = network.cam_layer
    trunk: list[str] = []
    head: list[str] = []
    reached = False

    def record(name: str, module: nn.Module) -> Any:
        def hook(*_: Any) -> None:
            nonlocal reached
            if any(True for _ in module.parameters(recurse=False)) and name not in trunk:
                (head if reached else trunk).append(name)
            reached = reached or module is last

        return hook

    with listening((module, record(name, module)) for name, module in network.named_modules()), torch.no_grad():
        model(images)
    return trunk, head


def randomise(
    model: ImageModel, like: ImageModel, layers: list[str], images: torch.Tensor, generator: torch.Generator
) -> None:
    """Give the named layers of ``model`` random weights, in place.

    Kernels are drawn from a normal distribution with mean 0 and the root mean square of the same kernel of ``like``, so that
    what is lost is what was learned and not its size; vectors (biases, the gains of a norm) are permuted. Batch norms among
    the layers then take the statistics of ``images``, uint8 (N, H, W, C), because the stored ones belong to other weights.
    """
    norms = []
    with torch.no_grad():
        for name in layers:
            module, source = model.network.get_submodule(name), like.network.get_submodule(name)
            for (_, weight), (_, trained) in zip(
                module.named_parameters(recurse=False), source.named_parameters(recurse=False), strict=True
            ):
                if trained.ndim > 1:
                    scale = trained.double().square().mean().sqrt().item()
                    weight.copy_(torch.randn(trained.shape, generator=generator) * scale)
                else:
                    weight.copy_(trained[torch.randperm(len(trained), generator=generator)])
            if isinstance(module, _BatchNorm) and module.running_mean is not None:
                norms.append((module, module.momentum))
                module.reset_running_stats()
                module.momentum = None  # the plain mean over batches
                module.training = True
        if norms:
            model(images)
            for module, momentum in norms:
                module.training, module.momentum = False, momentum
