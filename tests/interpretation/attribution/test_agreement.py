"""The maps are Grad-CAM: computed again by hand, without Captum, they are the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.attribution.gradcam import find_layer, gradcam_maps, log_odds
from warmstart.models.backbone import Backbone
from warmstart.models.image_model import ImageModel
from warmstart.models.weights import load_weights

SIZE = 64
IMAGES = torch.randint(0, 256, (5, SIZE, SIZE, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def convnet(outputs: int) -> ImageModel:
    spec = {"kind": "convnet", "size": SIZE, "channels": 3, "outputs": outputs, "widths": [8, 12], "dense": 16}
    names = [str(i) for i in range(max(2, outputs))]
    return ImageModel.build({**spec, "batch_norm": True, "dropout": 0.0}, Preprocessing(SIZE), names, {})


def lite0(outputs: int) -> ImageModel:
    spec = {
        "kind": "transfer",
        "size": SIZE,
        "backbone": "efficientnet_lite0",
        "outputs": outputs,
        "pool": "avg",
        "dense": 8,
        "dropout": 0.0,
    }
    half = (0.5, 0.5, 0.5)
    model = ImageModel.build(
        spec, Preprocessing(SIZE, 3, "bilinear", half, half), [str(i) for i in range(max(2, outputs))], {}
    )
    backbone: Any = model.network.backbone
    assert isinstance(backbone, Backbone)
    load_weights(backbone, "embedded")
    return model


class VggLike(nn.Module):
    """Convolutions each followed by a ReLU that overwrites them; the layer explained is the last convolution."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        convolutions = [nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 8, 3, padding=1), nn.Conv2d(8, 10, 3, padding=1)]
        parts: list[nn.Module] = [m for c in convolutions for m in (c, nn.ReLU(inplace=True), nn.MaxPool2d(2))]
        self.features = nn.Sequential(*parts)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(10 * 8 * 8, 16), nn.ReLU(), nn.Linear(16, outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.features(x))
        return logits

    @property
    def cam_layer(self) -> nn.Module:
        return self.features[6]


def vgg_like(outputs: int) -> ImageModel:
    names = [str(i) for i in range(max(2, outputs))]
    return ImageModel(VggLike(outputs), {}, Preprocessing(SIZE), names)


def by_hand(model: ImageModel, layer: nn.Module, images: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """A copy of the layer's output records its gradient; each channel weighs as much as its mean gradient."""
    kept: list[torch.Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        kept.append(output.detach().clone().requires_grad_())
        return kept[-1].clone()  # what follows may overwrite it

    handle = layer.register_forward_hook(keep)
    try:
        odds = log_odds(model.network(model.normalise(images)), classes)
    finally:
        handle.remove()
    (gradient,) = torch.autograd.grad(odds.sum(), kept[0])
    return (gradient.mean((2, 3), keepdim=True) * kept[0]).sum(1).detach()


@pytest.mark.parametrize("outputs", [1, 4])
@pytest.mark.parametrize("make", [convnet, lite0, vgg_like])
def test_captum_and_autograd_by_hand_agree(make: Any, outputs: int) -> None:
    torch.manual_seed(0)
    model = make(outputs).eval()
    classes = torch.arange(5) % max(2, outputs)
    _, layer = find_layer(model.network, None)
    expected = by_hand(model, layer, IMAGES, classes)
    assert expected.abs().max() > 0
    found = gradcam_maps(model, layer, IMAGES, classes, batch_size=2)
    assert float((found - expected).abs().max()) <= 1e-5 * max(1.0, float(expected.abs().max()))


def test_one_linear_layer_on_the_pooled_map_needs_no_gradient() -> None:
    model = lite0(1)
    model.network.head = nn.Linear(1280, 1)  # type: ignore[assignment]
    model.eval()
    _, layer = find_layer(model.network, None)
    with torch.no_grad():
        features = model.network.backbone(model.normalise(IMAGES))  # type: ignore[operator]
        expected = (
            torch.einsum("c,nchw->nhw", model.network.head.weight[0], features) / features.shape[2] / features.shape[3]
        )  # type: ignore[union-attr,index,arg-type]
    torch.testing.assert_close(
        gradcam_maps(model, layer, IMAGES, torch.ones(5, dtype=torch.int64)), expected, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize(("name", "side"), [("vgg16", 4), ("resnet50", 2), ("convnext_atto", 2)])
def test_the_layer_is_found_on_every_kind_of_backbone(name: str, side: int) -> None:
    torch.manual_seed(0)
    spec = {
        "kind": "transfer",
        "size": SIZE,
        "backbone": name,
        "outputs": 1,
        "pool": "avg",
        "dense": None,
        "dropout": 0.0,
    }
    model = ImageModel.build(spec, Preprocessing(SIZE), ["a", "b"], {}).eval()
    _, layer = find_layer(model.network, None)
    maps = gradcam_maps(model, layer, IMAGES[:1], torch.ones(1, dtype=torch.int64))
    assert maps.shape == (1, side, side) and maps.any()
    with torch.no_grad():
        if (
            name != "vgg16"
        ):  # whose layer is followed by one more max-pool; a linear layer on the mean is the sum of its places
            torch.testing.assert_close(maps.sum(), model(IMAGES[:1])[0, 0], rtol=1e-3, atol=1e-5)
