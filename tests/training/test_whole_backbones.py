"""Recipes that train every layer of a backbone: from random weights, and from pretrained ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from support import Configure, Folders, compose_config, typed_config
from warmstart.config.inputs import USES_WEIGHTS
from warmstart.config.views import start_of, view
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.files.plain import read_json
from warmstart.models.checkpoint import load_model
from warmstart.serving.packaged import PackagedModel
from warmstart.training.initial_model import Architecture, InitialModel, build_initial_model
from warmstart.training.param_groups import build_optimizer

RECIPES = ("scratch_backbone", "fine_tune_all")
ONE = ("schedule.epochs=1",)


@pytest.fixture(scope="module")
def models(train_tiny: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {recipe: train_tiny(recipe, folder / recipe, *ONE) for recipe in RECIPES}


def initial(configure: Configure, tiny: Folders, recipe: str, *overrides: str) -> InitialModel:
    config = typed_config("train", configure(recipe, *overrides))
    parts = Architecture(config.network, config.head, config.backbone)
    return build_initial_model(config.recipe, parts, ImageStore(tiny.images), config.seed, None)


def weights(started: InitialModel) -> dict[str, torch.Tensor]:
    return started.model.network.state_dict()


def norms(network: nn.Module) -> dict[str, torch.Tensor]:
    """Running statistics by name."""
    return {name: value for name, value in network.state_dict().items() if "running_" in name}


def test_random_weights_are_drawn_from_the_seed_and_from_nothing_else(configure: Configure, tiny: Folders) -> None:
    first, again = (weights(initial(configure, tiny, "scratch_backbone", "seed=3")) for _ in range(2))
    assert all(torch.equal(first[name], value) for name, value in again.items())
    other = weights(initial(configure, tiny, "scratch_backbone", "seed=4"))
    convolutions = [name for name, value in other.items() if value.ndim == 4]
    assert convolutions and not any(torch.equal(first[name], other[name]) for name in convolutions)
    named = weights(initial(configure, tiny, "scratch_backbone", "seed=3", "backbone.weights=nowhere.pth"))
    assert all(torch.equal(first[name], value) for name, value in named.items())


def test_both_are_the_architecture_of_the_frozen_backbone_and_train_all_of_it(
    configure: Configure, tiny: Folders
) -> None:
    frozen, *whole = (initial(configure, tiny, recipe) for recipe in ("features_augmented", *RECIPES))
    shapes = {name: value.shape for name, value in weights(frozen).items()}
    for started in whole:
        assert {name: value.shape for name, value in weights(started).items()} == shapes
        assert all(parameter.requires_grad for parameter in started.model.network.parameters())
    pretrained = weights(frozen)
    assert all(torch.equal(pretrained[name], value) for name, value in weights(whole[1]).items() if "head" not in name)


def test_batch_norms_train_from_random_weights_and_keep_their_statistics_from_pretrained_ones(
    models: dict[str, Path], configure: Configure, tiny: Folders
) -> None:
    for recipe, moves in (("scratch_backbone", True), ("fine_tune_all", False)):
        started, trained = initial(configure, tiny, recipe).model.network, load_model(models[recipe] / "model.ckpt")
        after = norms(trained.network)
        assert after and all(torch.equal(value, after[name]) != moves for name, value in norms(started).items())
        changed = [
            name
            for name, value in started.named_parameters()
            if not torch.equal(value, trained.network.state_dict()[name])
        ]
        assert any("bn" in name for name in changed) and any("conv_stem" in name for name in changed)
        assert (models[recipe] / "first_conv_start.npy").exists() and (
            models[recipe] / "batch_norm.csv"
        ).exists() == moves


def test_the_checkpoint_says_which_mode_its_batch_norms_train_in(models: dict[str, Path]) -> None:
    for recipe, trains in (("scratch_backbone", True), ("fine_tune_all", False)):
        network = load_model(models[recipe] / "model.ckpt").network
        assert not any(module.training for module in network.modules())
        norm = next(module for module in network.backbone.modules() if isinstance(module, nn.BatchNorm2d))  # type: ignore[union-attr,operator]
        network.train()
        assert norm.training == trains
        summary = read_json(models[recipe] / "summary.json")
        assert (summary["phase"], summary["network"]["train_batch_norm"]) == (recipe, trains)


def test_the_package_answers_as_the_checkpoint(
    models: dict[str, Path], configure: Configure, tiny: Folders, tmp_path: Path
) -> None:
    config = typed_config("evaluate", configure("scratch_backbone", "evaluate.bootstrap=50"))
    evaluate(config, model_dir=models["scratch_backbone"], images_dir=tiny.images, out_dir=tmp_path / "e")
    image = np.asarray(ImageStore(tiny.images).images("test")[0])
    model = load_model(models["scratch_backbone"] / "model.ckpt")
    packaged = PackagedModel.load(tmp_path / "e" / "package")
    model.temperature = packaged.model.temperature
    expected = model.predict_proba(torch.from_numpy(image[None].copy()))[0]
    answer = packaged.predict([image])[0]["probabilities"]
    assert list(answer.values()) == pytest.approx(expected.tolist(), abs=1e-5)


def test_earlier_blocks_of_a_pretrained_network_learn_more_slowly(configure: Configure, tiny: Folders) -> None:
    config = typed_config("train", configure("fine_tune_all"))
    network = initial(configure, tiny, "fine_tune_all").model.network
    optimizer = build_optimizer(lambda groups: torch.optim.RMSprop(groups, lr=1.0), network, config.param_groups)
    rate = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    stem, last, head = (
        rate[id(network.get_parameter(name))]
        for name in (
            "backbone.trunk.conv_stem.weight",
            "backbone.trunk.blocks.6.0.conv_pw.weight",
            "head.logits.weight",
        )
    )
    assert stem < last < head == 1.0 and len(rate) == len(list(network.parameters()))


def test_what_each_stage_reads_and_starts_from() -> None:
    for recipe in RECIPES:
        config = compose_config("data=critters", f"recipe={recipe}")
        assert start_of(config["recipe"]) == {"stage": "train", "from": "images"}
        read = view(config, "train")
        assert {"head", "backbone", "augment"} <= set(read) and "network" not in read
        assert ("weights" in read["backbone"]) == (recipe in USES_WEIGHTS) == (recipe == "fine_tune_all")


def test_a_batch_of_one_has_no_variance() -> None:
    with pytest.raises(UserError, match=r"schedule\.batch_size is 1"):
        compose_config("data=critters", "recipe=scratch_backbone", "schedule.batch_size=1")
    assert compose_config("data=critters", "recipe=fine_tune_all", "schedule.batch_size=1")
