"""Every option file composes, is typed, and builds what it describes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from support import CHECKOUT, compose_config, training_parts, transforms, typed_config

OPTIONS = sorted((path.parent.name, path.stem) for path in (CHECKOUT / "conf").glob("*/*.yaml"))


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes(group: str, option: str) -> None:
    if (group, option) == ("sweep", "optuna"):
        pytest.importorskip("hydra_plugins.hydra_optuna_sweeper", reason="an extra")
    overrides = [f"{group}={option}"] + (["data.folder=photos"] if option == "image_folder" else [])
    config = compose_config(*overrides)
    if group == "data":
        assert config["data"]["name"] == option
    elif group == "recipe":
        assert config["recipe"]["name"] == option


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "recipe"])
def test_every_recipe_builds_its_network_and_optimiser(option: str) -> None:
    from warmstart.config.views import on_backbone
    from warmstart.models.build import build_network, network_spec
    from warmstart.training.param_groups import build_optimizer

    plain = compose_config(f"recipe={option}")
    config = typed_config("train", plain)
    parts = config.head if on_backbone(config.recipe.phase) else config.network
    network = build_network(network_spec(parts, backbone=config.backbone.name, size=96, channels=3, n_classes=2))
    assert build_optimizer(training_parts(plain).optimizer, network, config.param_groups).param_groups


@pytest.mark.parametrize(
    ("group", "option"),
    [each for each in OPTIONS if each[0] in ("optimizer", "scheduler", "callbacks", "augment", "trainer")],
)
def test_every_part_that_an_option_names_is_made(group: str, option: str) -> None:
    parts = training_parts(compose_config("recipe=features_augmented", f"{group}={option}"))
    assert all(make() for make in [*parts.callbacks.values(), *parts.transforms.values()])
    assert (parts.scheduler is not None) == (group == "scheduler" and option != "none")


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "augment"])
def test_every_augmentation_runs(option: str) -> None:
    import numpy as np

    from warmstart.dataset.augmentation import Augmentation

    images = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3), dtype=np.uint8)
    changed = Augmentation(transforms(option, "data.size=32"))(images, (0, 0, 0))
    assert (changed != images).any() == (option != "none")


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "schedule"])
def test_every_schedule_sizes_every_recipe(option: str) -> None:
    from warmstart.training.schedule import resolve_schedule

    for recipe in (option for group, option in OPTIONS if group == "recipe"):
        config = typed_config("train", compose_config(f"recipe={recipe}", f"schedule={option}"))
        sizes = resolve_schedule(
            config.schedule, 2000, full_batch=config.optimizer.full_batch, phase=config.recipe.phase
        )
        assert sizes.epochs >= 1
        assert 1 <= sizes.batch_size <= 2000


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "backbone"])
def test_every_backbone_gives_a_feature_map(option: str) -> None:
    from warmstart.models.backbone import Backbone

    backbone = Backbone(compose_config(f"backbone={option}")["backbone"]["name"])
    assert backbone.feature_shape(96)[1] == 3
    assert backbone.unfreeze(None)


def test_data_picks_its_schedule_and_a_command_line_beats_it() -> None:
    assert compose_config("data=cats_vs_dogs")["schedule"]["name"] == "lesson"
    assert compose_config("data=cats_vs_dogs", "schedule=quick")["schedule"]["name"] == "quick"


def test_the_lesson_as_published_is_one_word_and_a_command_line_beats_it() -> None:
    lesson = compose_config("experiment=lesson", "recipe=fine_tune")
    assert (
        lesson["data"]["name"] == "cats_vs_dogs" and lesson["data"]["train"] == 2000 and lesson["data"]["size"] == 150
    )
    assert (
        lesson["backbone"]["name"] == "vgg16"
        and lesson["backbone"]["normalize"] == "lesson"
        and lesson["head"]["pool"] == "flatten"
    )
    assert (lesson["schedule"]["epochs"], lesson["schedule"]["batch_size"], lesson["schedule"]["steps_per_epoch"]) == (
        100,
        20,
        100,
    )
    assert lesson["optimizer"]["lr"] == 1e-5
    assert compose_config("experiment=lesson", "backbone=resnet50")["backbone"]["name"] == "resnet50"


@pytest.mark.parametrize(
    "override",
    ["schedule.epoch=1", "optimiser=adam", "optimizer=adamx", "head.dropout=much", "data.folder=x", "recipe=scrath"],
)
def test_a_wrong_word_is_refused(override: str) -> None:
    with pytest.raises((HydraException, OmegaConfBaseException)):
        compose_config(override)


def test_a_typo_inside_a_yaml_file_is_refused(tmp_path: Path) -> None:
    import shutil

    from hydra import compose, initialize_config_dir

    from _compose import register_schema

    shutil.copytree(CHECKOUT / "conf", tmp_path / "conf")
    (tmp_path / "conf/param_groups/one.yaml").write_text("no_deacy: false\n")
    register_schema()
    with (
        initialize_config_dir(str(tmp_path / "conf"), version_base="1.3"),
        pytest.raises((HydraException, OmegaConfBaseException)) as caught,
    ):
        compose("config")
    assert "no_deacy" in str(caught.value) + str(caught.value.__cause__)
