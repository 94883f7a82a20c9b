"""A stage is given what it may read, and nothing that would rerun it for no reason."""

from __future__ import annotations

import pytest

from support import compose_config
from warmstart.config.views import check_start, view
from warmstart.errors import UserError


def test_scratch_does_not_see_the_backbone_and_features_do_not_see_augmentation() -> None:
    assert "backbone" not in view(compose_config("recipe=scratch"), "train")
    assert "augment" in view(compose_config("recipe=scratch"), "train")
    assert "augment" not in view(compose_config("recipe=features"), "train")
    assert view(compose_config("recipe=features"), "train")["backbone"]["name"] == "efficientnet_lite0"


def test_the_epochs_of_other_recipes_are_not_seen() -> None:
    schedule = view(compose_config("recipe=scratch"), "train")["schedule"]
    assert "epochs_of" not in schedule
    assert schedule["epochs"] > 0


def test_evaluate_does_not_see_how_a_recipe_was_trained() -> None:
    seen = view(compose_config("recipe=scratch"), "evaluate")
    assert seen["recipe"] == {"name": "scratch"}
    assert "optimizer" not in seen


def test_only_fine_tuning_starts_from_a_recipe() -> None:
    fine_tune = compose_config("recipe=fine_tune")["recipe"]
    assert check_start(fine_tune, {"stage": "fine_tune", "from": "recipes/scratch/model"}) == "scratch"
    with pytest.raises(UserError, match=r"recipes\.fine_tune"):
        check_start(fine_tune, {"stage": "fine_tune", "from": "images"})
