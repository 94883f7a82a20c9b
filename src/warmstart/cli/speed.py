"""How fast this machine trains the networks of the recipes, measured for part of a second each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from warmstart.cli.messages import LOADED
from warmstart.config.stages import RecipeConfig
from warmstart.config.target import Target
from warmstart.config.views import CACHE_PHASES, RANDOM_BACKBONE, on_backbone

TIMED_SECONDS = 0.4  # for the steps of each network; half of it for whatever else
BATCH_SIZE = 16
BUSY_SHARE = 0.5  # of the cores


@dataclass(frozen=True)
class Speed:
    """Seconds an image: of a training step, augmentation included, and of a forward pass."""

    step: float
    forward: float


def measure_speeds(configs: Mapping[str, RecipeConfig], classes: int) -> dict[str, Speed]:
    """Recipe → speed, of those that see images. Equal networks are timed once. configs: by recipe."""
    found: dict[str, Speed] = {}
    timed: dict[str, Speed] = {}
    for name, config in configs.items():
        if config.recipe.phase in CACHE_PHASES:
            continue
        parts = (config.network, config.head, config.backbone, config.augment, config.recipe.phase, image_side(config))
        if str(parts) not in timed:
            timed[str(parts)] = _measure(config, classes)
        found[name] = timed[str(parts)]
    return found


def measure_extraction(config: RecipeConfig, classes: int) -> float:
    """Seconds an image that the frozen backbone of ``config`` takes."""
    return _measure(replace(config, augment={}), classes, learn=False).forward


def load_note() -> str:
    """A note about other work on this machine, by which times are too long; empty where there is none."""
    try:
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
    except (AttributeError, OSError):
        return ""
    if load <= BUSY_SHARE * cores:
        return ""
    return LOADED.format(load=load, cores=cores, s="s" * (cores != 1))


def image_side(config: RecipeConfig) -> int:
    """The side of a recipe's images, in pixels."""
    return config.recipe.size or config.data.size


def _measure(config: RecipeConfig, classes: int, learn: bool = True) -> Speed:
    import torch

    from warmstart.models.build import build_network, network_spec
    from warmstart.runtime.devices import plan_device
    from warmstart.runtime.memory import keep_freed_memory
    from warmstart.training.initial_model import set_trainable

    keep_freed_memory()
    plan, data, recipe, side = plan_device(config.trainer), config.data, config.recipe, image_side(config)
    backbone = config.backbone.name if on_backbone(recipe.phase) else None
    network: Any = build_network(
        network_spec(
            config.head if backbone else config.network,
            backbone=backbone,
            size=side,
            channels=data.channels,
            n_classes=max(2, classes),
            train_batch_norm=recipe.phase == RANDOM_BACKBONE,
        )
    )
    set_trainable(network, recipe)
    network.to(plan.device, memory_format=torch.channels_last)
    shape = (BATCH_SIZE, data.channels, side, side)
    images = torch.rand(shape, device=plan.device).contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.RMSprop([p for p in network.parameters() if p.requires_grad], 1e-6)

    def step() -> None:
        with plan.autocast():
            loss = network(images).float().square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    def look() -> None:
        with torch.inference_mode(), plan.autocast():
            network(images).float().mean().item()

    network.train()
    steps = _timed(step, TIMED_SECONDS) if learn else 0.0
    network.eval()
    return Speed((steps + _augmentation(config.augment, shape)) / BATCH_SIZE, _timed(look) / BATCH_SIZE)


def _augmentation(targets: Mapping[str, Target], shape: tuple[int, ...]) -> float:
    """Seconds that a batch takes."""
    import numpy as np

    from warmstart.dataset.augmentation import Augmentation, known_transforms

    if not targets:
        return 0.0
    augment = Augmentation(known_transforms(targets))
    batch = np.random.default_rng(0).integers(0, 256, (shape[0], *shape[2:], shape[1]), dtype=np.uint8)
    return _timed(lambda: augment(batch, (0, 0, 0)))


def _timed(work: Callable[[], Any], seconds: float = TIMED_SECONDS / 2) -> float:
    """Seconds that it takes once, after a first time that warms up."""
    work()
    start, times = time.perf_counter(), 0
    while (took := time.perf_counter() - start) < seconds or not times:
        work()
        times += 1
    return took / times
