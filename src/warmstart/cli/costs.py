"""What the recipes will take: their schedules, at speeds that were measured. All of it is approximate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warmstart.cli.photo_check import PhotoCheck
from warmstart.cli.recipes import on_features
from warmstart.cli.speed import Speed, image_side
from warmstart.config.schema import Recipe
from warmstart.config.stages import RecipeConfig
from warmstart.training.schedule import ResolvedSchedule, resolve_schedule

INTERPRET_IMAGES = 4000  # forward passes that the maps of a recipe and their scores are worth
START_SECONDS = 12.0  # of the processes that train, measure, interpret and report one recipe
HEAD_SECONDS = 2e-4  # that a head on cached features takes for an image
RECIPE_BYTES = 60e6  # a checkpoint, its package, pictures; twice where DVC's cache cannot share them
FEATURE_BYTES = 1280 * 4


@dataclass(frozen=True)
class Costs:
    """Seconds of the quick answer, and of each recipe after it; bytes of disk.

    patience: of recipes that may stop early, the epochs without a better validation loss after which they do.
    """

    first: float
    recipes: dict[str, float]
    disk: float
    patience: dict[str, int]

    @property
    def total(self) -> float:
        """Seconds of everything."""
        return self.first + sum(list(self.recipes.values())[1:])


def estimate_costs(
    recipes: Sequence[Recipe],
    configs: Mapping[str, RecipeConfig],
    photos: PhotoCheck,
    speeds: Mapping[str, Speed],
    extraction: float,
) -> Costs:
    """What ``recipes``, cheapest first, will take at most; each is trained once a fold, or once a seed.

    configs: by recipe. extraction: seconds an image, of all sizes at which features are cached together.
    """
    n_photos, data = sum(photos.counts), configs[recipes[0].name].data
    sides = {recipe.name: image_side(configs[recipe.name]) for recipe in recipes}
    feature_sides = {sides[recipe.name] for recipe in recipes if on_features(recipe)}
    n_features = n_photos if feature_sides else 0
    trainings = {recipe.name: photos.folds * (configs[recipe.name].seeds or 1) for recipe in recipes}
    each = {
        recipe.name: trainings[recipe.name] * _training(configs[recipe.name], photos, speeds.get(recipe.name))
        + START_SECONDS
        for recipe in recipes
    }
    interpret = {name: INTERPRET_IMAGES * (speeds[name].forward if name in speeds else extraction) for name in each}
    first, *rest = each
    pixels = n_photos * sum(side**2 for side in {data.size, *sides.values()}) * data.channels
    return Costs(
        photos.seconds + 2 * START_SECONDS + n_features * extraction + each[first],
        {first: each[first], **{name: each[name] + interpret[name] for name in rest}},
        pixels + n_features * FEATURE_BYTES * len(feature_sides) + sum(trainings.values()) * RECIPE_BYTES,
        {
            name: sizes.patience
            for name in each
            if (sizes := _sizes(configs[name], photos)).patience and sizes.patience < sizes.epochs
        },
    )


def _sizes(config: RecipeConfig, photos: PhotoCheck) -> ResolvedSchedule:
    n, full_batch = max(1, photos.counts[0]), config.optimizer.full_batch
    return resolve_schedule(config.schedule, n, full_batch=full_batch, phase=config.recipe.phase)


def _training(config: RecipeConfig, photos: PhotoCheck, speed: Speed | None) -> float:
    train, val, _ = (max(1, count) for count in photos.counts)
    sizes = _sizes(config, photos)
    seen = sizes.steps_per_epoch * sizes.batch_size if sizes.steps_per_epoch else train
    if speed is None:
        return sizes.epochs * (seen + val) * HEAD_SECONDS
    return sizes.epochs * (seen * speed.step + val * speed.forward)
