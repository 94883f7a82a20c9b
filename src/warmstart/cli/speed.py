"""How fast this machine trains the networks of the recipes, measured for part of a second each, and whether it is busy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from warmstart.config.schema import Head, Network
from warmstart.config.typed import to_typed
from warmstart.config.views import CACHE_PHASES

SECONDS = 0.4  # that each network is timed for
BATCH = 16
BUSY = 0.5  # of the cores


@dataclass(frozen=True)
class Speed:
    """Seconds an image: of a training step, augmentation included, and of looking at it without learning."""

    step: float
    forward: float


def measure_speeds(
    configs: Mapping[str, Mapping[str, Any]], classes: int, seconds: float = SECONDS
) -> dict[str, Speed]:
    """Recipe → speed, of those that see images; networks of the same make are timed once. configs: recipe → whole configuration."""
    found: dict[str, Speed] = {}
    timed: dict[str, Speed] = {}
    for name, config in configs.items():
        if config["recipe"]["phase"] in CACHE_PHASES:
            continue
        make = str(
            [config[key] for key in ("network", "head", "backbone", "augment")]
            + [config["recipe"]["phase"], config["data"]["size"]]
        )
        if make not in timed:
            timed[make] = _measure(config, classes, seconds)
        found[name] = timed[make]
    return found


def measure_extraction(config: Mapping[str, Any], classes: int, seconds: float = SECONDS) -> float:
    """Seconds an image that the frozen backbone of ``config`` takes."""
    return _measure({**config, "augment": {}}, classes, seconds, learn=False).forward


def busy() -> str:
    """What a time that is measured now suffers from; empty where the machine is idle, or cannot be asked."""
    try:
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
    except (AttributeError, OSError):
        return ""
    if load <= BUSY * cores:
        return ""
    return (
        f"measured while other work was running (load {load:.1f} on {cores} core{'s' * (cores != 1)}); idle it is less"
    )


def _measure(config: Mapping[str, Any], classes: int, seconds: float, learn: bool = True) -> Speed:
    import torch

    from warmstart.models.build import build_network, network_spec
    from warmstart.models.transfer import TransferNet
    from warmstart.runtime.devices import resolve_compute
    from warmstart.runtime.memory import keep_freed_memory

    keep_freed_memory()
    compute, data, recipe = resolve_compute(config["trainer"]), config["data"], config["recipe"]
    transfer = recipe["family"] == "transfer"
    group = to_typed(Head, config["head"]) if transfer else to_typed(Network, config["network"])
    backbone = config["backbone"]["name"] if transfer else None
    network: Any = build_network(
        network_spec(group, backbone=backbone, size=data["size"], channels=data["channels"], n_classes=max(2, classes))
    )
    if recipe["phase"] == "fine_tune" and isinstance(network, TransferNet):
        network.backbone.unfreeze(recipe["unfreeze"])
    network.to(compute.device, memory_format=torch.channels_last)
    shape = (BATCH, data["channels"], data["size"], data["size"])
    images = torch.rand(shape, device=compute.device).contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.RMSprop([p for p in network.parameters() if p.requires_grad], 1e-6)

    def step() -> None:
        with compute.autocast():
            loss = network(images).float().square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    def look() -> None:
        with torch.inference_mode(), compute.autocast():
            network(images).float().mean().item()

    network.train()
    steps = _timed(step, seconds) if learn else 0.0
    network.eval()
    return Speed(
        steps / BATCH + _augmentation(config["augment"], shape, seconds / 2), _timed(look, seconds / 2) / BATCH
    )


def _augmentation(options: Mapping[str, Any], shape: tuple[int, ...], seconds: float) -> float:
    import numpy as np

    from warmstart.dataset.augmentation import Augmentation, is_identity

    if is_identity(options):
        return 0.0
    augment = Augmentation(options)
    batch = np.random.default_rng(0).integers(0, 256, (shape[0], *shape[2:], shape[1]), dtype=np.uint8)
    return _timed(lambda: augment(batch, (0, 0, 0)), seconds) / shape[0]


def _timed(work: Callable[[], Any], seconds: float) -> float:
    """Seconds that it takes once, after a first time that warms up."""
    work()
    start, times = time.perf_counter(), 0
    while (took := time.perf_counter() - start) < seconds or not times:
        work()
        times += 1
    return took / times
