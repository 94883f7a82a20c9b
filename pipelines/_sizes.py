"""How large the images of each recipe are: filled in when a configuration is composed, before its references."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from warmstart.config.input_size import OWN_SIZES, feature_sizes, image_sizes, size_key
from warmstart.config.stages import FeatureExtractConfig, PrepareConfig
from warmstart.config.views import on_backbone
from warmstart.errors import UserError

ANY_SIZE_FROM = 32  # pixels, from which on the backbones of ``OWN_SIZES`` take images of every size


def fill_in_size(composed: DictConfig) -> None:
    """Set ``recipe.size`` where it is null. A configuration of which the parts are missing or wrong stays as it is."""
    try:
        wanted = ("recipe.phase", "data.size", "backbone.size", "backbone.name")
        phase, size, whose, name = (OmegaConf.select(composed, key) for key in wanted)
        if size is None or "recipe" not in composed or composed.recipe.size is not None:
            return
        if whose == "own" and on_backbone(phase):  # also from random weights: fair pairs share their size
            size = OWN_SIZES.get(name) or _timm_size(name)
        composed.recipe.size = size
    except OmegaConfBaseException:  # the check that follows names what is wrong
        return


def check_backbone_size(config: Mapping[str, Any]) -> None:
    """Refuse (UserError) images that the recipe's backbone does not take. config: resolved, as plain data."""
    recipe, name = config["recipe"], config["backbone"]["name"]
    size = recipe["size"]
    if not on_backbone(recipe["phase"]) or (name in OWN_SIZES and size >= ANY_SIZE_FROM):
        return
    if reason := _refusal(name, size):
        raise UserError(f"{size_key(config)} is {size}: {reason}")


@cache
def _timm_size(name: str) -> int:
    from warmstart.models.timm_backbone import timm_input_size

    return timm_input_size(name)


@cache
def _refusal(name: str, size: int) -> str:
    """Why a backbone takes no images of this size; empty where it does."""
    import torch

    from warmstart.models.backbone import Backbone

    try:
        with torch.device("meta"):
            Backbone(name).feature_shape(size)
    except UserError as error:
        return str(error)
    return ""


def sizes_by_hand(config: PrepareConfig | FeatureExtractConfig) -> list[int]:
    """The sizes that a stage keeps for all recipes: as DVC says them or, by hand, those of the dataset's recipes and of
    the one that is composed.
    """
    from _compose import plain

    if config.sizes is not None:
        return config.sizes
    task = [str(word) for word in HydraConfig.get().overrides.task]
    words = [word for word in task if not word.lstrip("+").startswith(("recipe=", "recipe."))]
    names = compose("config", words).recipes
    configs = [config.plain, *(plain(compose("config", [*words, f"recipe={name}"])) for name in names)]
    return image_sizes(configs) if isinstance(config, PrepareConfig) else feature_sizes(configs)
