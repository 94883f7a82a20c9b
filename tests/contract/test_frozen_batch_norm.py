"""Batch norm inside a backbone uses its running statistics, frozen or not, as in Keras; PyTorch alone would not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from warmstart.models.backbone import Backbone
from warmstart.models.checkpoint import load_model
from warmstart.models.transfer import TransferNet


def test_training_mode_changes_nothing_inside_a_backbone() -> None:
    torch.manual_seed(0)
    net = TransferNet(backbone="efficientnet_lite0", size=64, outputs=1, pool="avg", dense=None, dropout=0.0)
    net.backbone.unfreeze(None)
    images = torch.randn(4, 3, 64, 64) + 3
    with torch.no_grad():
        expected = net.eval()(images)
        before = {key: value.clone() for key, value in net.backbone.state_dict().items()}
        assert torch.equal(net.train()(images), expected)
    assert all(torch.equal(before[key], value) for key, value in net.backbone.state_dict().items())
    assert net.head.training


def test_fine_tuning_changes_the_last_block_and_the_head_and_no_statistics(
    train_tiny: Callable[..., Path], frozen: Path, tmp_path: Path
) -> None:
    tuned = train_tiny(
        "fine_tune", tmp_path / "m", "schedule.epochs=1", "optimizer.lr=1e-3", init_from=frozen / "model.ckpt"
    )
    before, after = (load_model(folder / "model.ckpt").network.state_dict() for folder in (frozen, tuned))
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert any(key.startswith("head") for key in changed)
    last_block = tuple(f"backbone.trunk.{part}" for part in ("blocks.6", "conv_head", "bn2"))
    assert {key for key in changed if key.startswith("backbone")} == {
        key for key in before if key.startswith(last_block) and "running" not in key and "num_batches" not in key
    }


def test_the_last_block_is_what_design_says() -> None:
    backbone = Backbone("vgg16")
    backbone.unfreeze(None)
    learning = [
        module for module in backbone.modules() if isinstance(module, nn.Conv2d) and module.weight.requires_grad
    ]
    assert len(learning) == 3
    assert all(module.out_channels == 512 for module in learning)
