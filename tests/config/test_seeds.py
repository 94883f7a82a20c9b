"""Several seeds a recipe: what is refused, who reads the key, and that one seed is as no key."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import CHECKOUT, compose_config
from warmstart.config.learning_curve import training_views
from warmstart.config.params import read_params, seeds_run
from warmstart.config.ranges import LAST_SEED
from warmstart.config.seeds import check_same_seeds
from warmstart.config.stages import stage_config
from warmstart.config.views import view
from warmstart.errors import UserError


@pytest.mark.parametrize("stage", ["train", "fine_tune", "compare"])
def test_those_that_train_and_compare_read_it_and_one_seed_is_as_no_key(stage: str) -> None:
    recipe = "recipe=fine_tune" if stage == "fine_tune" else "recipe=scratch"
    assert view(compose_config(recipe, "seeds=3"), stage)["seeds"] == 3
    for single in ("null", "1"):
        assert "seeds" not in view(compose_config(recipe, f"seeds={single}"), stage)


@pytest.mark.parametrize("stage", ["prepare", "audit", "feature_extract", "evaluate", "interpret", "publish"])
def test_no_other_stage_is_concerned(stage: str) -> None:
    assert "seeds" not in view(compose_config("recipe=linear_probe", "seeds=3"), stage)


def test_a_learning_curve_has_seeds_of_its_own() -> None:
    configs = {name: compose_config(f"recipe={name}", "seeds=3") for name in ("features_augmented", "fine_tune")}
    views = training_views(configs, "fine_tune")
    assert list(views) == ["features_augmented", "fine_tune"] and not any("seeds" in view for view in views.values())


def test_what_is_recorded_of_a_training_by_hand_has_it_only_where_there_are_several() -> None:
    assert "seeds" not in stage_config("train", compose_config("recipe=scratch", "seeds=1")).plain
    assert stage_config("train", compose_config("recipe=scratch", "seeds=2")).plain["seeds"] == 2


def test_with_folds_it_is_refused_with_both_keys_and_what_to_do() -> None:
    with pytest.raises(UserError, match=r"seeds is 3 and data\.folds 5: .* null"):
        compose_config("recipe=scratch", "data=image_folder", "data.folder=/x", "data.folds=5", "seeds=3")
    assert compose_config("recipe=scratch", "data=image_folder", "data.folder=/x", "data.folds=5", "seeds=1")


@pytest.mark.parametrize("seeds", ["0", "-1", "101"])
def test_what_is_no_number_of_seeds(seeds: str) -> None:
    with pytest.raises(UserError, match="seeds"):
        compose_config("recipe=scratch", f"seeds={seeds}")


def test_there_is_a_last_seed() -> None:
    compose_config("recipe=scratch", f"seed={LAST_SEED - 2}", "seeds=3")
    with pytest.raises(UserError, match="lower seed"):
        compose_config("recipe=scratch", f"seed={LAST_SEED - 1}", "seeds=3")


def test_recipes_of_a_comparison_have_the_same_number() -> None:
    check_same_seeds({"a": {"seeds": None}, "b": {"seeds": 1}, "c": {}})
    with pytest.raises(UserError, match="3 for b"):
        check_same_seeds({"a": {"seeds": None}, "b": {"seeds": 3}})


def test_params_has_it_and_says_it_for_its_own_dataset(tmp_path: Path) -> None:
    assert read_params(CHECKOUT / "params.yaml").seeds is None
    file = tmp_path / "params.yaml"
    file.write_text("data: a\nseeds: 3\nrecipes:\n  x: {stage: train, from: images}\n")
    assert read_params(file).seeds == 3
    assert (seeds_run(file, "a", None), seeds_run(file, "b", 2)) == (3, 2)
    file.write_text(file.read_text().replace("seeds: 3", "seeds: null"))
    assert seeds_run(file, "a", 2) == 2
