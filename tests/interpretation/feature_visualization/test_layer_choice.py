from __future__ import annotations

import pytest
import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.interpretation.feature_visualization.layer_choice import choose_layers
from warmstart.models.backbone import Backbone
from warmstart.models.transfer import TransferNet

EXAMPLE = torch.zeros(1, 3, 64, 64)


@pytest.fixture(scope="module")
def lite0() -> nn.Module:
    return TransferNet(backbone="efficientnet_lite0", size=64, outputs=1, pool="avg", dense=None, dropout=0.0)


def labels(network: nn.Module, *names: str) -> list[str]:
    return [choice.label for choice in choose_layers(network, EXAMPLE, names or None)]


def test_one_readable_layer_a_block_spread_over_the_depth(lite0: nn.Module) -> None:
    found = choose_layers(lite0, EXAMPLE, None)
    assert [choice.label.rpartition(".")[0][:8] for choice in found] == ["", *(f"blocks.{i}" for i in range(1, 6)), ""]
    assert found[0].label == "conv_stem" and found[-1].label == "conv_head"
    assert all(not choice.layer.depthwise for choice in found)
    assert [choice.method for choice in found] == ["plain"] * 2 + ["fourier"] * 5
    assert found[3].layer.readout is lite0.get_submodule(found[3].layer.readout_name)


def test_a_layer_by_any_of_its_names(lite0: nn.Module) -> None:
    for name in (
        "blocks.4.1.conv_pw",
        "backbone.trunk.blocks.4.1.conv_pw",
        "blocks.4.1.bn1",
        "blocks.4",
        "backbone.trunk.blocks.4",
    ):
        assert labels(lite0, name) == ["blocks.4.1.conv_pw"]
    assert labels(lite0, "conv_head", "blocks.2", "blocks.2.1") == ["blocks.2.1.conv_pw", "conv_head"]


def test_the_method_of_a_layer_is_that_of_its_depth(lite0: nn.Module) -> None:
    methods = [
        choice.method
        for choice in choose_layers(lite0, EXAMPLE, ["blocks.0.0.conv_pw", "blocks.1.0.conv_pw", "blocks.2.0.conv_pw"])
    ]
    assert methods == ["plain", "plain", "fourier"]


def test_a_backbone_alone_and_inside_a_network_have_the_same_labels(lite0: nn.Module) -> None:
    assert labels(Backbone("efficientnet_lite0")) == labels(lite0)


def test_vgg16_by_blocks_as_in_the_lesson() -> None:
    from torchvision.models.vgg import cfgs, make_layers

    network = make_layers(
        cfgs["D"]
    )  # the trunk of the backbone vgg16, without drawing weights for the dense layers around it
    found = choose_layers(network, EXAMPLE, None)
    assert [choice.label for choice in found] == [f"block{b}_conv1" for b in range(1, 6)]
    assert [choice.layer.channels for choice in found] == [64, 128, 256, 512, 512]
    assert [choice.method for choice in found] == ["plain"] * 2 + ["fourier"] * 3
    assert labels(network, "block3_conv2") == ["block3_conv2"] == labels(network, "12")


def test_resnet50_shows_spatial_filters_of_each_stage() -> None:
    found = labels(Backbone("resnet50"))
    assert [name.split(".")[0] for name in found] == ["conv1", "layer1", "layer2", "layer3", "layer4"]
    assert all(name.endswith("conv2") for name in found[1:])


def test_an_unknown_name_lists_near_ones(lite0: nn.Module) -> None:
    with pytest.raises(UserError, match=r"pattern_layers: 'block.4' .*near names: .*blocks.4"):
        labels(lite0, "block.4")
    with pytest.raises(UserError, match="near names: conv_stem"):
        labels(lite0, "zzz")
    with pytest.raises(UserError, match="near names"):
        labels(lite0, "")


def test_a_network_without_maps_is_refused() -> None:
    with pytest.raises(UserError, match="need convolutions"):
        choose_layers(nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 2)), EXAMPLE, None)
