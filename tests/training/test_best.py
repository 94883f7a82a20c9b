"""The recipe of today's field: a pretrained network, all of it trained, on strongly changed images, averaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from support import Configure, Folders, compose_config, training_parts, typed_config
from warmstart.config.inputs import USES_WEIGHTS
from warmstart.dataset.image_store import ImageStore
from warmstart.files.plain import read_json
from warmstart.models.checkpoint import load_model
from warmstart.training.averaging import EMA
from warmstart.training.initial_model import Architecture, build_initial_model
from warmstart.training.param_groups import build_optimizer


def test_it_is_made_of_what_the_field_does() -> None:
    plain = compose_config("data=critters", "recipe=best")
    config, parts = typed_config("train", plain), training_parts(plain)
    optimizer = parts.optimizer([torch.nn.Parameter(torch.zeros(1))])
    assert isinstance(optimizer, torch.optim.AdamW) and optimizer.defaults["weight_decay"] > 0
    assert parts.scheduler is not None and config.param_groups.no_decay and (config.param_groups.layer_decay or 1) < 1
    assert any(isinstance(make(), EMA) for make in parts.callbacks.values())
    assert {"crop", "flip", "colour"} <= set(parts.transforms)
    assert config.loss.mixup > 0 and config.loss.label_smoothing > 0
    assert plain["recipe"]["size"] == 224 != plain["data"]["size"], "the backbone's own, whatever the data's"


def test_its_weights_are_an_input_of_its_training() -> None:
    assert "best" in USES_WEIGHTS


def test_every_layer_starts_pretrained_and_moves(
    train_tiny: Callable[..., Path], configure: Configure, tiny: Folders, tmp_path: Path
) -> None:
    small = ("backbone.size=data", "schedule.epochs=2")
    config = typed_config("train", configure("best", *small))
    parts = Architecture(None, config.head, config.backbone)
    started = build_initial_model(config.recipe, parts, ImageStore(tiny.images), config.seed, None).model.network
    optimizer = build_optimizer(lambda groups: torch.optim.AdamW(groups, lr=1.0), started, config.param_groups)
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(started.parameters()))
    before = started.state_dict()

    folder = train_tiny("best", tmp_path / "model", *small)
    after = load_model(folder / "model.ckpt").network.state_dict()
    assert read_json(folder / "summary.json")["phase"] == "best"
    for name, value in before.items():
        still = "running_" in name or "num_batches" in name  # the statistics are those of the pretrained network
        assert torch.allclose(value, after[name], rtol=1e-5, atol=1e-7) == still, name
