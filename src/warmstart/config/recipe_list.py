"""Whether the recipes that params.yaml lists can run on its dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.config.balance import check_balance
from warmstart.config.image_size import check_size
from warmstart.config.input_size import size_key
from warmstart.config.target import CONVNET, TARGET
from warmstart.config.views import on_backbone
from warmstart.errors import UserError


def check_fit(config: Mapping[str, Any]) -> None:
    """Refuse (UserError) a recipe that cannot run on the images of its dataset. config: resolved, of one recipe."""
    recipe, data = config["recipe"], config["data"]
    check_balance(config["balance"])
    try:
        backbone = on_backbone(recipe["phase"])
        if backbone and data["channels"] != 3:
            raise UserError("backbones need colour images, and these are grey (data.channels is 1; 3 repeats the grey)")
        if not backbone and config["network"].get(TARGET) in (None, CONVNET):
            check_size(recipe["size"], config["network"], size_key(config))
    except UserError as error:
        raise UserError(
            f"recipe {recipe['name']} does not fit data {data['name']}: {error}. "
            f"`python pipelines/choose.py data={data['name']}` writes into params.yaml the recipes of this dataset"
        ) from None


def check_list(recipes: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse (UserError) a list with a recipe that starts from one outside it. recipes: name → {stage, from}."""
    for name, item in recipes.items():
        start = item["from"].split("/")
        if start[0] == "recipes" and start[1] not in recipes:
            raise UserError(f"params.yaml: recipes.{name} starts from {start[1]}, which is not in the list")
