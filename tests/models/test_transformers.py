"""Transformers of timm as backbones: their tokens are laid out as the patches lie in the image."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from warmstart.config.schema import Head
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.attribution.gradcam import find_layer, gradcam_maps
from warmstart.models.backbone import Backbone
from warmstart.models.build import network_spec
from warmstart.models.image_model import ImageModel

HEAD = Head("avg", None)


@pytest.mark.parametrize(
    ("name", "size", "shape"),
    [
        ("vit_tiny_patch16_224", 224, (192, 14, 14)),
        ("vit_tiny_patch16_224", 96, (192, 6, 6)),  # other sizes than its own: positions are interpolated
        ("deit_tiny_patch16_224", 96, (192, 6, 6)),
        ("swin_tiny_patch4_window7_224", 224, (768, 7, 7)),
    ],
)
def test_their_map_has_channels_first_and_no_class_token(name: str, size: int, shape: tuple[int, int, int]) -> None:
    assert Backbone(name).feature_shape(size) == shape


@pytest.mark.parametrize(("name", "size"), [("vit_tiny_patch16_224", 96), ("swin_tiny_patch4_window7_224", 224)])
def test_a_place_of_the_map_is_about_that_place_of_the_image(name: str, size: int) -> None:
    torch.manual_seed(0)
    backbone = Backbone(name)
    side = backbone.feature_shape(size)[1]
    cell = size // side
    image = torch.rand(1, 3, size, size)
    changed = image.clone()
    changed[..., cell : 2 * cell, 4 * cell : 5 * cell] = 3 * torch.rand(3, cell, cell)  # second row, fifth column
    with torch.no_grad():
        difference = (backbone(changed) - backbone(image)).square().sum(1)[0]
    assert divmod(int(difference.argmax()), side) == (1, 4)


def test_a_linear_head_on_the_tokens_is_explained_exactly() -> None:
    """The places of the map sum to what the head says, up to its bias; over tokens in a row they would be
    summed away.
    """
    torch.manual_seed(0)
    spec = network_spec(HEAD, backbone="vit_tiny_patch16_224", size=96, channels=3, n_classes=2)
    model = ImageModel.build(spec, Preprocessing(96), ["a", "b"], {}).eval()
    network: Any = model.network
    network.head.logits.bias.data.fill_(0.3)
    images = torch.randint(0, 256, (3, 96, 96, 3), dtype=torch.uint8)
    name, layer = find_layer(network, None)
    maps = gradcam_maps(model, layer, images, torch.ones(3, dtype=torch.int64))
    assert name == "backbone.trunk" and maps.shape == (3, 6, 6)
    with torch.no_grad():
        torch.testing.assert_close(maps.sum((1, 2)), model(images)[:, 0] - 0.3, rtol=1e-4, atol=1e-5)


def test_only_the_last_block_learns_when_unfrozen() -> None:
    backbone = Backbone("vit_tiny_patch16_224")
    assert backbone.unfreeze(None) == ["net.blocks.11", "net.norm"]
    learning = {name.split(".")[2] for name, p in backbone.named_parameters() if p.requires_grad and "blocks" in name}
    assert learning == {"blocks"} and isinstance(backbone.module(backbone.spec.first_conv), nn.Conv2d)
    assert not any(p.requires_grad for p in backbone.module("net.blocks.10").parameters())
