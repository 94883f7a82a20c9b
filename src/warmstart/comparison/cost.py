"""What a recipe costs: training, predicting and the package; and the recipes that no other beats in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warmstart.comparison.finished import FinishedRecipe
from warmstart.config.views import CACHE_PHASES
from warmstart.records.feature_extraction import FeatureExtraction


@dataclass(frozen=True)
class Cost:
    """seconds: of training, with that of the recipe it starts from and ``extraction_seconds``, those of extracting the
    features that it trains on (0 where it trains on images). predict_seconds: of an image. package_bytes: of the folder
    to ship.
    """

    seconds: float
    extraction_seconds: float
    parameters: int
    trainable: int
    images_seen: int
    predict_seconds: float
    package_bytes: int


def recipe_costs(finished: Sequence[FinishedRecipe], extraction: FeatureExtraction | None) -> dict[str, Cost]:
    """By recipe. extraction: of the cached features, None where its time is not known."""
    return {recipe.name: recipe_cost(recipe, finished, extraction) for recipe in finished}


def recipe_cost(
    recipe: FinishedRecipe, finished: Sequence[FinishedRecipe], extraction: FeatureExtraction | None
) -> Cost:
    """The cost of a recipe, with the training time and the images of the one it starts from where that has finished."""
    chain = training_chain(recipe, finished)
    extracted = extraction.seconds(recipe.size) if extraction and recipe.phase in CACHE_PHASES else 0.0
    return Cost(
        seconds=extracted + sum(one.summary.seconds for one in chain),
        extraction_seconds=extracted,
        parameters=recipe.summary.parameters.total,
        trainable=recipe.summary.parameters.trainable,
        images_seen=sum(one.summary.images_seen for one in chain),
        predict_seconds=recipe.speed.seconds_per_image,
        package_bytes=recipe.package_bytes,
    )


def training_chain(recipe: FinishedRecipe, finished: Sequence[FinishedRecipe]) -> list[FinishedRecipe]:
    """The recipe, then the one it starts from, and so on, as far as they have finished."""
    chain, by_name = [recipe], {one.name: one for one in finished}
    while (start := chain[-1].summary.starts_from) and start.recipe in by_name:
        if start.recipe in {one.name for one in chain}:
            break
        chain.append(by_name[start.recipe])
    return chain


def pareto_front(seconds: Mapping[str, float], accuracy: Mapping[str, float]) -> list[str]:
    """The recipes that no other beats, being at least as accurate and as fast to train and better in one of the two;
    the fastest first.
    """
    front: list[str] = []
    for name in sorted(seconds, key=lambda one: (seconds[one], -accuracy[one])):
        if not front or accuracy[name] > accuracy[front[-1]]:
            front.append(name)
    return front
