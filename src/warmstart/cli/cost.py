"""What the recipes will take: one network timed for a second, the others by what they cost beside it. All of it is approximate."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warmstart.cli.look import Looked
from warmstart.cli.recipes import Recipe
from warmstart.training.sizing import size_schedule

# Seconds an image takes, beside a training step of the scratch network: two CPU cores, 96 and 150 px, each within a factor of 1.5.
STEP = {"scratch": 1.1, "frozen": 0.6, "fine_tune": 0.9}
BATCH_NORM = 1.3
AUGMENTATION = 0.4
EXTRACTION = 0.6
LOOKING_INSIDE = 1500  # images' worth of steps, for the maps of a recipe and their scores
STARTS = 12.0  # seconds, of the processes that train, measure, look into and report one recipe
HEAD = 2e-4  # seconds that an image costs a head on cached features
RECIPE_BYTES = 60e6  # a checkpoint, its package, pictures; twice where DVC's cache cannot share them
FEATURE_BYTES = 1280 * 4


@dataclass(frozen=True)
class Costs:
    """Seconds of the quick answer, and of each recipe after it; bytes of disk."""

    first: float
    recipes: dict[str, float]
    disk: float

    @property
    def total(self) -> float:
        """Seconds of everything."""
        return self.first + sum(list(self.recipes.values())[1:])


def measure_speed(data: Mapping[str, Any], seconds: float = 1.0) -> float:
    """Images a second that the scratch network is trained with, on this machine as it is now. data: the ``data`` group."""
    import torch

    from warmstart.compute import resolve_compute
    from warmstart.models.convnet import ConvNet

    compute = resolve_compute({"accelerator": "auto", "precision": "auto"})
    side, batch = max(data["size"], 64), 16
    network = ConvNet(widths=[32, 64, 128, 128], dense=512, batch_norm=False, dropout=0.0, size=side, channels=data["channels"], outputs=1)
    network.to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.RMSprop(network.parameters(), 1e-4)
    images = torch.rand(batch, data["channels"], side, side, device=compute.device).contiguous(memory_format=torch.channels_last)

    def step() -> None:
        with compute.autocast():
            loss = network(images).float().square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    step()
    start, steps = time.perf_counter(), 0
    while (took := time.perf_counter() - start) < seconds or not steps:
        step()
        steps += 1
    return float(batch * steps / took * (side / data["size"]) ** 2)


def expected(recipes: Sequence[Recipe], config: Mapping[str, Any], looked: Looked, speed: float) -> Costs:
    """What ``recipes``, cheapest first, will take at most. config: of any of them. speed: images/s, as ``measure_speed`` gives."""
    photos, side = sum(looked.counts), config["data"]["size"]
    needs_features = any(recipe.on_features for recipe in recipes)
    extraction = photos * EXTRACTION / speed if needs_features else 0.0
    each = {recipe.name: looked.folds * _training(recipe, config, looked, speed) + STARTS for recipe in recipes}
    looks = LOOKING_INSIDE / speed
    first, *rest = each
    disk = (
        photos * side**2 * config["data"]["channels"] + photos * FEATURE_BYTES * needs_features + len(recipes) * looked.folds * RECIPE_BYTES
    )
    return Costs(
        looked.seconds + 2 * STARTS + extraction + each[first], {first: each[first], **{name: each[name] + looks for name in rest}}, disk
    )


def _training(recipe: Recipe, config: Mapping[str, Any], looked: Looked, speed: float) -> float:
    schedule = {**config["schedule"], "epochs": config["schedule"]["epochs_of"].get(recipe.phase)}
    train = max(1, looked.counts[0])
    sizes = size_schedule(schedule, train, full_batch=recipe.phase == "probe")
    shown = sizes.epochs * (sizes.steps_per_epoch * sizes.batch_size if sizes.steps_per_epoch else train)
    if recipe.phase not in STEP:
        return shown * HEAD
    cost = STEP[recipe.phase] * (BATCH_NORM if recipe.batch_norm else 1.0) + (AUGMENTATION if recipe.augmented else 0.0)
    return shown * cost / speed
