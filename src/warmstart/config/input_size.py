"""The side of the images that each recipe is trained on, of its configuration (plain data)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from warmstart.config.views import CACHE_PHASES
from warmstart.errors import UserError

# What their weights were trained at, in pixels; of other backbones timm knows it.
OWN_SIZES = {
    "efficientnet_lite0": 224,
    "efficientnet_lite1": 240,
    "efficientnet_lite2": 260,
    "vgg16": 224,
    "resnet50": 224,
}


def image_sizes(configs: Iterable[Mapping[str, Any]]) -> list[int]:
    """The sides that ``configs``, each with ``recipe.size`` filled in, are trained at, ascending."""
    return sorted({config["recipe"]["size"] for config in configs})


def feature_sizes(configs: Iterable[Mapping[str, Any]]) -> list[int]:
    """The same of the recipes that train on cached features."""
    return image_sizes(config for config in configs if config["recipe"]["phase"] in CACHE_PHASES)


def size_key(config: Mapping[str, Any]) -> str:
    """The key that says how large the images of a recipe are, for messages."""
    return "data.size" if config["recipe"]["size"] == config["data"]["size"] else "recipe.size"


def check_start_size(configs: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse (UserError) a recipe that starts from another of these whose images have another size."""
    for name, config in configs.items():
        recipe = config["recipe"]
        start = configs.get(recipe.get("starts_from") or "")
        if start and start["recipe"]["size"] != recipe["size"]:
            first = start["recipe"]["name"]
            raise UserError(
                f"recipe.size is {recipe['size']} in {name} and {start['recipe']['size']} in {first}, which it starts "
                f"from: give conf/recipe/{name}.yaml and conf/recipe/{first}.yaml the same recipe.size"
            )
