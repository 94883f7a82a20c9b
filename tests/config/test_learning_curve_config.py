"""What params.yaml says of learning curves, and what compose writes for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra import initialize_config_dir

from _compose import register_schema
from _trainings import compose_chain
from support import CHECKOUT, compose_config
from warmstart.config.learning_curve import check_curves, read_trainings, training_views, trainings_files
from warmstart.config.params import read_params
from warmstart.config.stages import TrainConfig, stage_config
from warmstart.errors import UserError

CONFIGS = {name: compose_config("data=critters", f"recipe={name}") for name in ("features_augmented", "fine_tune")}


def test_the_trainings_of_a_curve_come_back_as_they_were_with_what_they_start_from(tmp_path: Path) -> None:
    views = training_views(CONFIGS, "fine_tune")
    for name, text in trainings_files(views).items():
        (tmp_path / name).write_text(text)
    read = read_trainings(tmp_path)
    assert list(read) == ["features_augmented", "fine_tune"]
    for name, stage in (("features_augmented", "train"), ("fine_tune", "fine_tune")):
        before, after = (stage_config(stage, content[name]) for content in (views, read))
        assert isinstance(before, TrainConfig) and before == after


def test_a_title_or_a_number_of_processes_is_in_the_file_that_dvc_does_not_compare() -> None:
    changed = compose_config("data=critters", "recipe=features_augmented", "recipe.title=x", "trainer.workers=2")
    plain, other = (
        list(trainings_files(training_views(configs, "features_augmented")).values())
        for configs in (CONFIGS, {"features_augmented": changed})
    )
    assert plain[0] == other[0] and plain[1] != other[1]


def test_a_curve_of_a_recipe_that_is_not_run_is_refused_with_the_near_name() -> None:
    with pytest.raises(UserError, match=r"fine_tun.*fine_tune"):
        check_curves(["fine_tun"], CONFIGS)


def test_folds_have_no_learning_curve() -> None:
    with pytest.raises(UserError, match=r"data\.folds"):
        check_curves(["scratch"], {"scratch": {"data": {"folds": 3}}})


def test_by_hand_a_path_is_of_the_folder_in_which_it_was_typed(tmp_path: Path) -> None:
    register_schema()
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        configs = compose_chain(["data=critters", "backbone.weights=own.pth"], "fine_tune", tmp_path)
    assert [*configs] == ["fine_tune", "features_augmented"]
    assert {config["backbone"]["weights"] for config in configs.values()} == {str(tmp_path / "own.pth")}


@pytest.mark.parametrize("shares", ["[]", "[0]", "[0.5,1.5]"])
def test_shares_that_are_none_are_refused(shares: str) -> None:
    with pytest.raises(UserError, match=r"learning_curve\.shares"):
        compose_config("data=critters", f"learning_curve.shares={shares}")


@pytest.mark.parametrize(("text", "names"), [("[scratch]", ["scratch"]), ("[]", []), ("null", [])])
def test_params_yaml_lists_recipes(tmp_path: Path, text: str, names: list[str]) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(f"data: critters\nrecipes:\n  scratch: {{stage: train, from: images}}\nlearning_curve: {text}\n")
    assert read_params(file).learning_curve == names


@pytest.mark.parametrize("text", ["scratch", "{scratch: 1}", "[1]"])
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(f"data: critters\nrecipes:\n  scratch: {{stage: train, from: images}}\nlearning_curve: {text}\n")
    with pytest.raises(UserError, match=r"learning_curve is .* list of recipes"):
        read_params(file)
