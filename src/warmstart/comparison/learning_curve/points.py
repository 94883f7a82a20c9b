"""The trainings of a learning curve: which there are, and how long each lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from warmstart.config.schema import LearningCurveOptions, Schedule


@dataclass(frozen=True)
class Point:
    """A training: a recipe, on a share of the training images, with a seed. starts_from: the recipe whose point of the
    same share and seed it begins with.
    """

    recipe: str
    share: float
    seed: int
    starts_from: str | None = None

    @property
    def start(self) -> tuple[str, float, int] | None:
        """The key of the point that this one starts from."""
        return (self.starts_from, self.share, self.seed) if self.starts_from else None

    @property
    def key(self) -> tuple[str, float, int]:
        """What tells it from the others."""
        return self.recipe, self.share, self.seed


def all_points(recipes: Mapping[str, str | None], options: LearningCurveOptions, seed: int) -> list[Point]:
    """Every training, seed by seed, each with ascending shares, so that there is something to see early.

    recipes: name → the recipe that it starts from, which comes before it. seed: the first one.
    """
    return [
        Point(recipe, share, seed + number, start)
        for number in range(options.seeds)
        for share in sorted(set(options.shares))
        for recipe, start in recipes.items()
    ]


def epochs_of(schedule: Schedule, share: float, longest: float, *, full_batch: bool) -> int | None:
    """How many epochs a training on a share of the images gets, or None for as many as the schedule says.

    Where an epoch is every image once and their number is fixed, there are 1 / share times as many, so that the steps
    are about as many as on all images, but at most ``longest`` times as many. A schedule that counts its steps, or
    sizes itself to the images, does so here too.
    """
    if full_batch or schedule.epochs is None or schedule.steps_per_epoch is not None:
        return None
    return round(schedule.epochs * min(longest, 1 / share))


@dataclass(frozen=True)
class Axes:
    """What the points differ in. shares: ascending."""

    recipes: list[str]
    shares: list[float]
    seeds: list[int]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Axes:
        """The axes of points that are every combination of them."""
        return cls(
            list(dict.fromkeys(point.recipe for point in points)),
            sorted({point.share for point in points}),
            sorted({point.seed for point in points}),
        )
