"""The networks have the lesson's shapes and parameter counts, and the embedded weights mean what they should."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from PIL import Image
from torch import nn

from support import compose_config
from warmstart.config.image_size import smallest_size
from warmstart.config.input_size import OWN_SIZES
from warmstart.config.schema import Head, Network
from warmstart.config.typed import to_typed
from warmstart.config.weights_path import EMBEDDED, embedded_file
from warmstart.errors import UserError
from warmstart.models.backbone import Backbone
from warmstart.models.build import build_network, network_spec, spec_from_dict
from warmstart.models.convnet import ConvNet
from warmstart.models.known_backbones import efficientnet_lite
from warmstart.models.layers import format_layer_table, layer_table
from warmstart.models.weights import load_weights

SCRATCH = {"widths": [32, 64, 128, 128], "dense": 512, "batch_norm": False, "dropout": 0.0}


def count(module: nn.Module, *, trainable: bool = False) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable)


def test_the_scratch_network_has_the_lessons_parameters() -> None:
    assert count(ConvNet(size=150, channels=3, outputs=1, **SCRATCH)) == 3_453_121


def test_vgg16_with_a_dense_head_has_the_lessons_parameters_and_map() -> None:
    spec = network_spec(
        Head("flatten", 256, 0.0),
        backbone="vgg16",
        size=150,
        channels=3,
        n_classes=2,
    )
    net = build_network(spec)
    assert count(net) == 16_812_353
    assert count(net, trainable=True) == 2_097_665
    assert net.backbone.feature_shape(150) == (512, 4, 4)  # type: ignore[union-attr,operator]


def test_batch_norm_follows_the_relu() -> None:
    block = ConvNet(size=64, channels=3, outputs=1, **{**SCRATCH, "batch_norm": True}).blocks[0]
    assert [type(layer).__name__ for layer in block.children()] == ["Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d"]
    assert (block[2].momentum, block[2].eps) == (0.01, 1e-3)


def test_more_classes_make_more_logits() -> None:
    parts = Network(**SCRATCH)
    assert build_network(network_spec(parts, backbone=None, size=64, channels=1, n_classes=7))(
        torch.zeros(2, 1, 64, 64)
    ).shape == (2, 7)


def digits_net(**changes: Any) -> ConvNet:
    parts = {
        "size": 28,
        "channels": 1,
        "outputs": 10,
        "widths": [32, 64, 64],
        "pooled": 2,
        "dense": 64,
        "batch_norm": False,
        "dropout": 0.0,
    }
    return ConvNet(**{**parts, **changes})


@pytest.mark.parametrize(("recipe", "side"), [("convnet", 3), ("convnet_no_pooling", 22)])
def test_the_digits_recipes_have_the_lessons_parameters_and_map(recipe: str, side: int) -> None:
    parts = to_typed(Network, compose_config("data=mnist", f"recipe={recipe}")["network"])
    net: Any = build_network(network_spec(parts, backbone=None, size=28, channels=1, n_classes=10))
    assert count(net.blocks) == 55_744
    assert net.blocks(torch.zeros(1, 1, 28, 28)).shape == (1, 64, side, side)
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_a_network_without_convolutions_is_dense() -> None:
    net = digits_net(widths=[], pooled=None, dense=512)
    assert count(net) == 784 * 512 + 512 + 512 * 10 + 10
    assert net.first_conv is None and net.cam_layer is None
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_maps_are_taken_before_pooling_or_where_there_is_none() -> None:
    for net, child in ((digits_net(), -1), (digits_net(pooled=3), -2), (digits_net(batch_norm=True), -1)):
        assert net.cam_layer is net.blocks[-1][child]  # type: ignore[index]
        assert not isinstance(net.cam_layer, nn.MaxPool2d)
        assert net.first_conv is net.blocks[0][0]  # type: ignore[index]


def test_a_spec_from_before_partial_pooling_still_builds() -> None:
    old = spec_from_dict({"kind": "convnet", **SCRATCH, "size": 96, "channels": 3, "outputs": 1})
    assert count(build_network(old)) == count(ConvNet(size=96, channels=3, outputs=1, **SCRATCH))
    new = network_spec(Network(**SCRATCH), backbone=None, size=96, channels=3, n_classes=2)
    assert build_network(old).state_dict().keys() == build_network(new).state_dict().keys()


@pytest.mark.parametrize(
    ("widths", "pooled"), [([8] * 4, None), ([8] * 3, 2), ([8] * 3, 0), ([8] * 3, 1), ([8], 1), ([], None)]
)
def test_images_too_small_are_refused_with_the_smallest_size_that_works(widths: list[int], pooled: int | None) -> None:
    smallest = smallest_size(len(widths), pooled)
    net = digits_net(size=smallest, widths=widths, pooled=pooled)
    assert net(torch.zeros(1, 1, smallest, smallest)).shape == (1, 10)
    if widths:
        assert net.blocks(torch.zeros(1, 1, smallest, smallest)).shape[2:] == (1, 1)
        with pytest.raises(UserError, match=f"{smallest} or more"):
            digits_net(size=smallest - 1, widths=widths, pooled=pooled)


@pytest.mark.parametrize("size", [28, 29, 30, 31, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_networks_take_any_size_and_channels(size: int, channels: int) -> None:
    for changes in ({}, {"pooled": 0}, {"widths": [], "pooled": None}):
        assert digits_net(size=size, channels=channels, **changes)(torch.zeros(2, channels, size, size)).shape == (
            2,
            10,
        )


def test_more_poolings_than_convolutions_are_refused() -> None:
    with pytest.raises(UserError, match=r"network\.pooled"):
        digits_net(pooled=4)


def test_networks_start_as_in_keras() -> None:
    dense = ConvNet(size=64, channels=3, outputs=1, **SCRATCH).dense[0]
    limit = (6 / (dense.in_features + dense.out_features)) ** 0.5
    assert 0.95 * limit < float(dense.weight.detach().abs().max()) <= limit
    assert not dense.bias.any()


def test_efficientnet_lite0_starts_with_pytorchs_own_random_weights() -> None:
    torch.manual_seed(0)
    net = efficientnet_lite()
    after = torch.get_rng_state()
    torch.manual_seed(0)
    stem = nn.Conv2d(3, 32, 3, bias=False)
    assert torch.equal(net.conv_stem.weight, stem.weight)  # type: ignore[union-attr,arg-type]
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d) and layer is not net.conv_stem:
            fresh = nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size, groups=layer.groups, bias=False)
            assert torch.equal(layer.weight, fresh.weight)
    assert torch.equal(torch.get_rng_state(), after)


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_embedded_weights_recognise_a_military_uniform(name: str) -> None:
    """Grace Hopper's portrait comes with matplotlib; ImageNet's class 652 is military uniform."""
    from pathlib import Path

    import matplotlib
    import numpy as np

    net = efficientnet_lite(name, n_classes=1000).eval()
    state = torch.load(embedded_file(name), weights_only=True)
    net.load_state_dict(dict(zip(net.state_dict(), state.values(), strict=True)))
    portrait = Image.open(Path(matplotlib.__file__).parent / "mpl-data/sample_data/grace_hopper.jpg").convert("RGB")
    width, height = portrait.size
    square = portrait.crop((0, (height - width) // 2, width, (height + width) // 2)).resize(
        (OWN_SIZES[name], OWN_SIZES[name]), Image.Resampling.BICUBIC
    )
    pixels = torch.from_numpy(np.asarray(square, dtype=np.float32).copy()).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        p = net((pixels - 0.5) / 0.5).softmax(1)[0]
    assert 652 in p.topk(2).indices.tolist()  # for Lite2 a suit is as likely
    assert float(p[652]) > 50 / len(p)


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_weights_reach_the_backbone(name: str) -> None:
    backbone = Backbone(name)
    load_weights(backbone, "embedded")
    state = torch.load(embedded_file(name), weights_only=True)
    assert torch.equal(backbone.trunk.conv_stem.weight, next(iter(state.values())))  # type: ignore[union-attr,arg-type]


def test_weights_from_a_file_fit_or_are_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from torchvision.models.vgg import vgg16

    full = vgg16()
    torch.save(full.state_dict(), tmp_path / "vgg16.pth")
    backbone = Backbone("vgg16")
    load_weights(backbone, str(tmp_path / "vgg16.pth"))
    assert torch.equal(backbone.trunk[0].weight, full.features[0].weight)  # type: ignore[index]
    with pytest.raises(UserError, match=r"vgg16\.pth"):
        load_weights(Backbone("efficientnet_lite0"), str(tmp_path / "vgg16.pth"))
    with pytest.raises(UserError, match="does not exist"):
        load_weights(backbone, str(tmp_path / "none.pth"))


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("nonsense_net", 96, "nonsense_net"),
        ("levit_128s", 224, r"\(16, 384\), not a feature map"),
        ("deit_tiny_distilled_patch16_224", 224, "does not work without its own head"),
        ("swin_tiny_patch4_window7_224", 98, r"divisible by patch size.*set recipe.size"),
        ("vit_tiny_patch16_224", 98, r"divisible by patch size.*set recipe.size"),
    ],
)
def test_backbones_that_do_not_work_are_refused_when_the_network_is_built(name: str, size: int, words: str) -> None:
    parts = Head("avg", None)
    with pytest.raises(UserError, match=words):
        build_network(network_spec(parts, backbone=name, size=size, channels=3, n_classes=2))


def test_a_timm_backbone_works_by_its_name() -> None:
    backbone = Backbone("resnet18")
    assert backbone.feature_shape(64) == (512, 2, 2)
    backbone.unfreeze(None)
    assert 0 < count(backbone, trainable=True) < count(backbone)


def test_the_layer_table_accounts_for_every_parameter() -> None:
    net = ConvNet(size=150, channels=3, outputs=1, **SCRATCH)
    table = layer_table(net, torch.zeros(1, 3, 150, 150))
    assert sum(row.parameters for row in table.layers) == 3_453_121
    assert table.layers[0].output_shape == [32, 148, 148]
    assert "total 3,453,121   trainable 3,453,121   frozen 0" in format_layer_table(table)
    assert not net.blocks[0][0]._forward_hooks  # type: ignore[index,union-attr]


def test_the_layer_table_takes_a_batch_norm_with_its_activation_as_one_layer() -> None:
    net = efficientnet_lite()
    table = layer_table(net, torch.zeros(1, 3, 64, 64))
    assert sum(row.parameters for row in table.layers) == count(net)
    assert [row.name for row in table.layers[:4]] == ["conv_stem", "bn1", "blocks.0.0.conv_dw", "blocks.0.0.bn1"]
