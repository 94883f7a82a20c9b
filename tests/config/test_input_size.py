"""Which size each recipe's images have, and that an edit of one reruns what it concerns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import timm

from _sizes import check_backbone_size
from support import compose_config
from warmstart.config.check import check_config
from warmstart.config.input_size import OWN_SIZES, check_start_size
from warmstart.config.recipe_list import check_fit
from warmstart.config.views import start_of
from warmstart.config.weights_path import EMBEDDED
from warmstart.config.write_views import write_views
from warmstart.errors import UserError

RECIPES = ("linear_probe", "scratch", "features", "features_augmented", "fine_tune")


def size_of(*overrides: str) -> int:
    return int(compose_config(*overrides)["recipe"]["size"])


def configs(*overrides: str) -> dict[str, dict[str, Any]]:
    return {name: compose_config(*overrides, f"recipe={name}") for name in RECIPES}


def written(folder: Path, of: dict[str, dict[str, Any]]) -> dict[str, str]:
    write_views(folder, of, {name: start_of(config["recipe"]) for name, config in of.items()})
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.yaml")}


def test_known_backbones_have_the_size_of_their_published_weights() -> None:
    for name in OWN_SIZES:
        published = timm.get_pretrained_cfg(f"tf_{name}" if name in EMBEDDED else name)
        assert published is not None
        assert published.input_size == (3, OWN_SIZES[name], OWN_SIZES[name])


@pytest.mark.parametrize("data", ["image_folder", "csv", "pets"])
def test_own_photos_are_scaled_to_what_a_pretrained_backbone_was_trained_at(data: str) -> None:
    assert {name: size_of(f"data={data}", f"recipe={name}") for name in ("scratch", "linear_probe", "fine_tune")} == {
        "scratch": 150, "linear_probe": 224, "fine_tune": 224,
    }  # fmt: skip
    timm_network = ["backbone=timm", "backbone.name=mobilenetv3_small_050"]
    assert size_of(f"data={data}", "recipe=features", *timm_network) == 224


def test_demonstrations_and_the_lesson_keep_the_size_of_the_dataset() -> None:
    for recipe in RECIPES:
        assert size_of("data=critters", f"recipe={recipe}") == 96
        assert size_of("experiment=lesson", f"recipe={recipe}") == 150
    assert size_of("data=digits") == 28


def test_a_recipe_may_say_its_own_and_augmentation_has_it() -> None:
    config = compose_config("data=image_folder", "recipe=features_augmented", "augment=strong", "recipe.size=64")
    assert config["recipe"]["size"] == 64
    assert config["augment"]["crop"]["size"] == [64, 64]
    assert size_of("data=image_folder", "recipe=linear_probe", "backbone.size=data", "data.size=80") == 80


def test_an_edit_of_one_recipes_size_reaches_prepare_and_that_recipe_only(tmp_path: Path) -> None:
    before = configs("data=critters")
    after = {**before, "scratch": compose_config("data=critters", "recipe=scratch", "recipe.size=128")}
    one, other = written(tmp_path / "a", before), written(tmp_path / "b", after)
    assert {name for name in one if one[name] != other[name]} == {"prepare.yaml", "scratch/train.yaml"}
    after["linear_probe"] = compose_config("data=critters", "recipe=linear_probe", "recipe.size=128")
    third = written(tmp_path / "c", after)
    changed = {"feature_extract.yaml", "linear_probe/train.yaml"}
    assert {name for name in other if other[name] != third[name]} == changed  # 128 px are kept already


def test_a_recipe_has_the_size_of_the_one_that_it_starts_from() -> None:
    of = configs("data=critters")
    check_start_size(of)
    of["fine_tune"] = compose_config("data=critters", "recipe=fine_tune", "recipe.size=128")
    with pytest.raises(UserError, match=r"recipe\.size is 128 in fine_tune and 96 in features_augmented"):
        check_start_size(of)


def test_sizes_that_a_network_cannot_take_are_refused_when_it_is_composed() -> None:
    with pytest.raises(UserError, match=r"images of 20 px are too small .* recipe\.size must be 46 or more"):
        check_fit(compose_config("data=critters", "recipe=scratch", "recipe.size=20"))
    vit = ["backbone=timm", "backbone.name=vit_tiny_patch16_224"]
    with pytest.raises(UserError, match=r"^recipe\.size is 100: backbone vit_tiny_patch16_224 does not take images of"):
        check_backbone_size(compose_config("data=critters", "recipe=features", "recipe.size=100", *vit))
    check_backbone_size(compose_config("data=critters", "recipe=features", "recipe.size=112", *vit))
    with pytest.raises(UserError, match=r"^data\.size is 16: backbone vgg16"):
        check_backbone_size(compose_config("data=critters", "data.size=16", "recipe=features", "backbone=vgg16"))
    with pytest.raises(UserError, match="which neither Warmstart nor timm knows"):
        compose_config("data=image_folder", "recipe=features", "backbone=timm", "backbone.name=mobilenetv9")


def test_a_penalty_is_chosen_where_that_can_be() -> None:
    probe = compose_config("data=critters", "recipe=linear_probe")
    assert probe["loss"]["ridge"] is None
    assert len(probe["loss"]["ridge_grid"]) == 10
    assert compose_config("data=critters", "recipe=linear_probe", "loss.ridge=1")["loss"]["ridge"] == 1
    with pytest.raises(UserError, match=r"loss\.ridge is null, but only a linear layer on cached features"):
        compose_config("data=critters", "recipe=scratch", "loss.ridge=null")
    with pytest.raises(UserError, match=r"loss\.ridge_grid to a list"):
        check_config({**probe, "loss": {**probe["loss"], "ridge_grid": []}})
