"""The recipes that a dataset runs, in the order of what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from warmstart.cli.checkout import Checkout, read_yaml
from warmstart.cli.option import Option
from warmstart.config.views import CACHE_PHASES
from warmstart.errors import UserError

# What is trained, in the order of what it costs; scratch networks also by how much is done to them.
PHASES = ("probe", "cached", "scratch", "frozen", "fine_tune")


@dataclass(frozen=True)
class Recipe:
    """A recipe's option file, as far as the command looks into it. augmented, batch_norm: what makes its epochs dearer."""

    name: str
    title: str
    phase: str
    starts_from: str | None
    augmented: bool
    batch_norm: bool

    @property
    def on_features(self) -> bool:
        """Whether it trains on what the pretrained network says of the photos, which is kept."""
        return self.phase in CACHE_PHASES

    @property
    def cost(self) -> tuple[int, bool, bool]:
        """Recipes in this order are from cheap to dear, those that start from others after them."""
        return PHASES.index(self.phase) if self.phase in PHASES else len(PHASES), self.augmented, self.batch_norm


def read_recipe(checkout: Checkout, name: str) -> Recipe:
    """A recipe by its name. Raises UserError where there is none."""
    place = checkout.root / "conf" / "recipe" / f"{name}.yaml"
    if not place.exists():
        known = sorted(path.stem for path in place.parent.glob("*.yaml"))
        near = get_close_matches(name, known, 1)
        raise UserError(
            f"{name} is no recipe; {f'did you mean {near[0]}? ' if near else ''}the recipes are {', '.join(known)}"
        )
    content = read_yaml(place)
    said: dict[str, Any] = content.get("recipe") or {}
    choices = {
        key: value for item in content.get("defaults") or [] if isinstance(item, Mapping) for key, value in item.items()
    }
    return Recipe(
        name,
        str(said.get("title", name)),
        str(said.get("phase", "")),
        said.get("starts_from"),
        choices.get("override /augment", "none") != "none",
        bool((content.get("network") or {}).get("batch_norm")),
    )


def usual_recipes(checkout: Checkout, option: Option) -> list[str]:
    """The names of the recipes that a data option runs unless others are named."""
    base = option.base
    while checkout.option(base).exists():
        content = read_yaml(checkout.option(base))
        if content.get("recipes"):
            return list(content["recipes"])
        base = next(
            (
                item
                for item in content.get("defaults") or []
                if isinstance(item, str) and not item.startswith(("/", "_"))
            ),
            "",
        )
    return list(read_yaml(checkout.root / "conf" / "config.yaml")["recipes"])


def with_starts(checkout: Checkout, names: Sequence[str]) -> list[str]:
    """The recipes named, and before each the one that it starts from."""
    out: list[str] = []

    def add(name: str) -> None:
        start = read_recipe(checkout, name).starts_from
        if start and start != name:
            add(start)
        if name not in out:
            out.append(name)

    for name in names:
        add(name)
    return out


def by_cost(checkout: Checkout, names: Sequence[str]) -> list[Recipe]:
    """The recipes of these names, the cheapest first."""
    return sorted((read_recipe(checkout, name) for name in names), key=lambda recipe: recipe.cost)
