"""The recipes that are run, in the order of what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warmstart.cli.checkout import Checkout
from warmstart.cli.configs import Configs, compose_configs
from warmstart.config.stages import RecipeConfig
from warmstart.config.views import CACHE_PHASES
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

# What is trained, in the order of what it costs; scratch networks also by how much is done to them.
PHASES = ("probe", "cached", "scratch", "frozen", "fine_tune")


@dataclass(frozen=True)
class Recipe:
    """A recipe as far as its cost depends on it."""

    name: str
    phase: str
    starts_from: str | None
    augmented: bool
    batch_norm: bool

    @classmethod
    def of(cls, config: RecipeConfig) -> Recipe:
        """The recipe of a configuration."""
        recipe, augmented = config.recipe, bool(config.augment)
        return cls(recipe.name, recipe.phase, recipe.starts_from, augmented, config.network.batch_norm)

    @property
    def on_features(self) -> bool:
        """Whether it trains on cached features of the pretrained network."""
        return self.phase in CACHE_PHASES

    @property
    def cost(self) -> tuple[int, bool, bool]:
        """Recipes in this order are from cheap to dear, those that start from others after them."""
        return PHASES.index(self.phase) if self.phase in PHASES else len(PHASES), self.augmented, self.batch_norm


def compose_named(checkout: Checkout, overrides: Sequence[str], names: Sequence[str] | None) -> Configs:
    """The configurations of the recipes named, with those that they start from; None: of the recipes of the data.

    Raises UserError for an unknown recipe or a wrong override.
    """
    known = checkout.recipes()
    for name in names or ():
        if name not in known:
            hint = did_you_mean(name, known, " ")
            raise UserError(f"{name} is no recipe; {hint}the recipes are {', '.join(known)}")
    configs = compose_configs(checkout, overrides, names)
    if names is None:
        return configs
    wanted: list[str] = []
    for recipe in map(Recipe.of, configs.values()):
        wanted += [recipe.starts_from, recipe.name] if recipe.starts_from else [recipe.name]
    wanted = list(dict.fromkeys(wanted))
    return configs if set(wanted) == set(names) else compose_named(checkout, overrides, wanted)


def by_cost(configs: Configs) -> list[Recipe]:
    """The recipes of these configurations, the cheapest first."""
    return sorted((Recipe.of(config) for config in configs.values()), key=lambda recipe: recipe.cost)
