"""The recipes that are run, in the order of what they cost, and the configurations that their stages would be given.

``pipelines/preview.py`` composes these: this package has no Hydra.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc.commands import arguments
from warmstart.cli.user_environment import environment
from warmstart.config.schema import Recipe
from warmstart.config.stages import RecipeConfig, recipe_configs
from warmstart.config.views import CACHE_PHASES
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

# What is trained, in the order of what it costs; scratch networks also by how much is done to them.
PHASES = ("probe", "cached", "scratch", "frozen", "fine_tune")
Configs = dict[str, RecipeConfig]  # by recipe


def on_features(recipe: Recipe) -> bool:
    """Whether it trains on cached features of the pretrained network."""
    return recipe.phase in CACHE_PHASES


def compose_configs(checkout: Checkout, overrides: Sequence[str], recipes: Sequence[str] | None = None) -> Configs:
    """The configuration of each recipe. recipes: None for those of the data. Raises UserError for a wrong override."""
    listed = [f"recipes=[{','.join(recipes)}]"] if recipes is not None else []
    command = arguments(["python", "pipelines/preview.py", *overrides, *listed])
    done = subprocess.run(command, cwd=checkout.root, env=environment(), capture_output=True, text=True, check=False)
    if not done.returncode:
        return recipe_configs(json.loads(done.stdout))
    _, refused, message = done.stderr.rpartition("error: ")
    last = (done.stderr.strip() or "no reason given").splitlines()[-1]
    raise UserError(message.strip() if refused else f"the configuration cannot be composed: {last}")


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
    each = ((config.recipe.starts_from, config.recipe.name) for config in configs.values())
    wanted = list(dict.fromkeys(name for pair in each for name in pair if name))
    return configs if set(wanted) == set(names) else compose_named(checkout, overrides, wanted)


def by_cost(configs: Configs) -> list[Recipe]:
    """The recipes of these configurations, the cheapest first, and so those that start from others after them."""
    return [config.recipe for config in sorted(configs.values(), key=_cost)]


def _cost(config: RecipeConfig) -> tuple[int, bool, bool]:
    phase = config.recipe.phase
    number = PHASES.index(phase) if phase in PHASES else len(PHASES)
    return number, bool(config.augment), config.network.batch_norm
