"""Every option file composes, is typed, and builds what it describes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from support import CHECKOUT, compose_config, typed_config

OPTIONS = sorted((path.parent.name, path.stem) for path in (CHECKOUT / "conf").glob("*/*.yaml"))


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes(group: str, option: str) -> None:
    overrides = [f"{group}={option}"] + (["data.folder=photos"] if option == "image_folder" else [])
    config = compose_config(*overrides)
    if group == "data":
        assert config["data"]["name"] == option
    elif group == "recipe":
        assert config["recipe"]["name"] == option


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "recipe"])
def test_every_recipe_builds_its_network_and_optimiser(option: str) -> None:
    from warmstart.training.optimizers import build_optimizer

    from warmstart.config.views import on_backbone
    from warmstart.models.build import build_network, network_spec

    config = typed_config("train", compose_config(f"recipe={option}"))
    parts = config.head if on_backbone(config.recipe.phase) else config.network
    network = build_network(network_spec(parts, backbone=config.backbone.name, size=96, channels=3, n_classes=2))
    assert build_optimizer(config.optimizer, [p for p in network.parameters() if p.requires_grad]).param_groups


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "optimizer"])
def test_every_optimiser_builds(option: str) -> None:
    import torch
    from warmstart.training.optimizers import build_optimizer

    options = typed_config("train", compose_config("recipe=features_augmented", f"optimizer={option}")).optimizer
    assert build_optimizer(options, torch.nn.Linear(2, 1).parameters()).param_groups


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "augment"])
def test_every_augmentation_runs(option: str) -> None:
    import numpy as np

    from warmstart.config.schema import Augment
    from warmstart.dataset.augmentation import Augmentation

    images = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3), dtype=np.uint8)
    changed = Augmentation(Augment(**compose_config(f"augment={option}")["augment"]))(images, (0, 0, 0))
    assert (changed != images).any() == (option != "none")


@pytest.mark.parametrize("option", [option for group, option in OPTIONS if group == "schedule"])
def test_every_schedule_sizes_every_recipe(option: str) -> None:
    from warmstart.training.schedule import resolve_schedule

    for recipe in (
        "scratch",
        "linear_probe",
        "features",
        "features_augmented",
        "fine_tune",
        "fine_tune_all",
        "scratch_backbone",
    ):
        config = typed_config("train", compose_config(f"recipe={recipe}", f"schedule={option}"))
        sizes = resolve_schedule(config.schedule, 2000, full_batch=config.optimizer.full_batch)
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
    ["optimizer.lrr=1", "optimiser=adam", "optimizer=adamx", "optimizer.lr=fast", "data.folder=x", "recipe=scrath"],
)
def test_a_wrong_word_is_refused(override: str) -> None:
    with pytest.raises((HydraException, OmegaConfBaseException)):
        compose_config(override)


def test_a_typo_inside_a_yaml_file_is_refused(tmp_path: Path) -> None:
    import shutil

    from hydra import compose, initialize_config_dir

    from _compose import register_schema

    shutil.copytree(CHECKOUT / "conf", tmp_path / "conf")
    (tmp_path / "conf/optimizer/rmsprop.yaml").write_text("name: RMSprop\nlr: 1e-4\nalhpa: 0.9\n")
    register_schema()
    with (
        initialize_config_dir(str(tmp_path / "conf"), version_base="1.3"),
        pytest.raises((HydraException, OmegaConfBaseException)) as caught,
    ):
        compose("config")
    assert "alhpa" in str(caught.value) + str(caught.value.__cause__)
