"""What the recipes will take: their schedules, at speeds that were measured. All of it is approximate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warmstart.cli.look import Looked
from warmstart.cli.recipes import Recipe
from warmstart.cli.speed import Speed
from warmstart.config.schema import Schedule
from warmstart.config.typed import to_typed
from warmstart.training.schedule import ResolvedSchedule, resolve_schedule

LOOKING_INSIDE = 4000  # images' worth of looking, for the maps of a recipe and their scores
STARTS = 12.0  # seconds, of the processes that train, measure, look into and report one recipe
HEAD = 2e-4  # seconds that an image costs a head on cached features
RECIPE_BYTES = 60e6  # a checkpoint, its package, pictures; twice where DVC's cache cannot share them
FEATURE_BYTES = 1280 * 4


@dataclass(frozen=True)
class Costs:
    """Seconds of the quick answer, and of each recipe after it; bytes of disk. patience: recipe → epochs without a better validation
    loss after which it stops early, where it does.
    """

    first: float
    recipes: dict[str, float]
    disk: float
    patience: dict[str, int]

    @property
    def total(self) -> float:
        """Seconds of everything."""
        return self.first + sum(list(self.recipes.values())[1:])


def expected(
    recipes: Sequence[Recipe],
    configs: Mapping[str, Mapping[str, Any]],
    looked: Looked,
    speeds: Mapping[str, Speed],
    extraction: float,
) -> Costs:
    """What ``recipes``, cheapest first, will take at most. configs: recipe → whole configuration. extraction: seconds an image."""
    photos, data = sum(looked.counts), configs[recipes[0].name]["data"]
    features = photos if any(recipe.on_features for recipe in recipes) else 0
    each = {
        recipe.name: looked.folds * _training(configs[recipe.name], looked, speeds.get(recipe.name)) + STARTS
        for recipe in recipes
    }
    looks = {name: LOOKING_INSIDE * (speeds[name].forward if name in speeds else extraction) for name in each}
    first, *rest = each
    disk = (
        photos * data["size"] ** 2 * data["channels"]
        + features * FEATURE_BYTES
        + len(recipes) * looked.folds * RECIPE_BYTES
    )
    return Costs(
        looked.seconds + 2 * STARTS + features * extraction + each[first],
        {first: each[first], **{name: each[name] + looks[name] for name in rest}},
        disk,
        {
            name: sizes.patience
            for name in each
            if (sizes := _sizes(configs[name], looked)).patience and sizes.patience < sizes.epochs
        },
    )


def _sizes(config: Mapping[str, Any], looked: Looked) -> ResolvedSchedule:
    schedule = to_typed(Schedule, config["schedule"])
    return resolve_schedule(schedule, max(1, looked.counts[0]), full_batch=bool(config["optimizer"].get("full_batch")))


def _training(config: Mapping[str, Any], looked: Looked, speed: Speed | None) -> float:
    train, val, _ = (max(1, count) for count in looked.counts)
    sizes = _sizes(config, looked)
    seen = sizes.steps_per_epoch * sizes.batch_size if sizes.steps_per_epoch else train
    if speed is None:
        return sizes.epochs * (seen + val) * HEAD
    return sizes.epochs * (seen * speed.step + val * speed.forward)
