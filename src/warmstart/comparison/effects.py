"""What pretraining, the architecture and training more layers are worth: pairs of recipes that differ in that alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.pairwise import Pairwise
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick, best_on_validation
from warmstart.config.views import SCRATCH_PHASES
from warmstart.records.intervals import PairedComparison
from warmstart.statistics.multiple_tests import holm


class Effect(StrEnum):
    """What a pair of recipes differs in."""

    PRETRAINING = "pretraining"  # the same network, all of it trained, with and without
    ARCHITECTURE = "architecture"  # the backbone's or a small one, both from random weights
    LAST_BLOCK = "last_block"  # the same pretrained network, its last block trained too
    ALL_LAYERS = "all_layers"  # the same, every layer trained


# The phases of recipes that have it and of those that lack it; the first of each is named where there is none.
PHASES = {
    Effect.PRETRAINING: (("fine_tune_all",), ("scratch_backbone",)),
    Effect.ARCHITECTURE: (("scratch_backbone",), SCRATCH_PHASES),
    Effect.LAST_BLOCK: (("fine_tune",), ("frozen",)),
    Effect.ALL_LAYERS: (("fine_tune_all",), ("frozen",)),
}
RECIPE_OF = {"frozen": "features_augmented"}  # the recipe of a phase, where they have not the same name


@dataclass(frozen=True)
class MeasuredEffect:
    """paired: by how much ``more``, which has it, is better than ``less``. p: of the test, corrected for the number of
    effects. clear: whether that and the interval both say that there is a difference.
    """

    effect: Effect
    more: str
    less: str
    paired: PairedComparison
    p: float
    clear: bool


@dataclass(frozen=True)
class UnmeasuredEffect:
    """recipes: those to add; empty where both have finished, but are different networks."""

    effect: Effect
    recipes: tuple[str, ...]


def measure_effects(
    finished: Sequence[FinishedRecipe], pairwise: Pairwise, by: Yardstick = BY_ACCURACY
) -> list[MeasuredEffect]:
    """The effects for which both recipes have finished. pairwise: all pairs of the recipes, of which these are taken.
    by: the metric.

    Where several recipes are of a phase, it is the first pair in the list with the same network; of small networks from
    scratch, the best on validation.
    """
    pairs = {effect: pair for effect in Effect if (pair := find_pair(finished, effect, by))}
    compared = {effect: pairwise.between(more.name, less.name).paired for effect, (more, less) in pairs.items()}
    corrected = holm([paired.p for paired in compared.values()])
    return [
        MeasuredEffect(effect, more.name, less.name, paired, p, paired.beyond_noise and p < 1 - pairwise.confidence)
        for (effect, (more, less)), paired, p in zip(pairs.items(), compared.values(), corrected, strict=True)
    ]


def find_pair(
    finished: Sequence[FinishedRecipe], effect: Effect, by: Yardstick = BY_ACCURACY
) -> tuple[FinishedRecipe, FinishedRecipe] | None:
    """The recipe that has it and the one that lacks it; None where there is no such pair."""
    have, lack = ([recipe for recipe in finished if recipe.phase in phases] for phases in PHASES[effect])
    if effect is Effect.ARCHITECTURE:
        small = best_on_validation(lack, by)
        return (have[0], small) if have and small else None
    return next(((more, less) for more, less in product(have, lack) if more.same_network(less)), None)


def unmeasured_effects(finished: Sequence[FinishedRecipe]) -> list[UnmeasuredEffect]:
    """Pretraining and architecture, where recipes of both families have finished and a pair is missing."""
    if len({recipe.family for recipe in finished}) < 2:
        return []
    phases = {recipe.phase for recipe in finished}
    return [
        UnmeasuredEffect(
            effect, tuple(RECIPE_OF.get(side[0], side[0]) for side in PHASES[effect] if phases.isdisjoint(side))
        )
        for effect in (Effect.PRETRAINING, Effect.ARCHITECTURE)
        if not find_pair(finished, effect)
    ]
