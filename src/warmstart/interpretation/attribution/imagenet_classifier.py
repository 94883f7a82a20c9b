"""A backbone with the classifier that it was trained with, for ImageNet's thousand classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from warmstart.data.preprocess import Preprocessing
from warmstart.errors import UserError
from warmstart.models.backbone import DESIGNS, HALF, IMAGENET
from warmstart.models.image_model import ImageModel
from warmstart.models.timm_backbone import as_map
from warmstart.models.weights import PUBLISHED_TORCHVISION, fit_state, whole_state

N_CLASSES, SIDE_PX = 1000, 224


@dataclass(frozen=True)
class ImagenetClassifier:
    """A model of the thousand classes. layer_name: the module in its network that gives the last feature map."""

    model: ImageModel
    layer_name: str

    @property
    def cam_layer(self) -> nn.Module:
        """The module whose output is the last feature map."""
        return self.model.network.get_submodule(self.layer_name)

    @property
    def side(self) -> int:
        """Of its images, in pixels."""
        return self.model.preprocessing.size


class _TimmFeatures(nn.Module):
    """The part of a timm network before its head, with channels first, as a module that a hook can read."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return as_map(self.net, self.net.forward_features(x), x)


class _TimmClassifier(nn.Module):
    """A timm network in two parts, because the map lies between them."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.features = _TimmFeatures(net)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features, net = self.features(x), self.features.net
        last = features.permute(0, 2, 3, 1) if getattr(net, "output_fmt", "NCHW") == "NHWC" else features
        logits: torch.Tensor = net.forward_head(last)
        return logits


def load_classifier(backbone: str, weights: str) -> ImagenetClassifier:
    """The backbone with its classifier, in evaluation mode.

    weights: ``embedded``, ``published`` or a file that holds the classifier too.
    Raises UserError when the weights cannot be had, hold no such classifier, or the network has no map before it.
    """
    classifier = _build(backbone)
    network: Any = classifier.model.network
    fit_state(
        network.features.net if isinstance(network, _TimmClassifier) else network, *whole_state(backbone, weights)
    )
    return classifier


def available_weights(backbone: str) -> str | None:
    """``embedded`` or ``published`` where the weights with their classifier are on this machine, else None."""
    if backbone == "efficientnet_lite0":
        return "embedded"
    if backbone in PUBLISHED_TORCHVISION:
        import torchvision.models

        enum = getattr(torchvision.models, PUBLISHED_TORCHVISION[backbone])
        file = Path(torch.hub.get_dir()) / "checkpoints" / Path(enum.IMAGENET1K_V1.url).name
        return "published" if file.is_file() else None
    return None


@cache
def class_names() -> list[str]:
    """The names of ImageNet's thousand classes, in order."""
    from torchvision.models import EfficientNet_B0_Weights

    return list(EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"])


def _build(backbone: str) -> ImagenetClassifier:
    """The network with fresh weights."""
    if backbone == "efficientnet_lite0":
        from warmstart.models.efficientnet_lite import EfficientNetLite0

        return _classifier(EfficientNetLite0(classes=N_CLASSES), DESIGNS[backbone].cam_layer, SIDE_PX, HALF)
    if backbone in PUBLISHED_TORCHVISION:
        import torchvision.models

        layer = DESIGNS[backbone].cam_layer
        network = getattr(torchvision.models, backbone)()
        return _classifier(network, f"features.{layer}" if backbone == "vgg16" else layer, SIDE_PX, IMAGENET)
    import timm

    if not timm.is_model(backbone):
        raise UserError(f"neither Warmstart nor timm knows a backbone {backbone!r}")
    net: Any = timm.create_model(backbone, pretrained=False)
    cfg = net.pretrained_cfg
    if cfg["num_classes"] != N_CLASSES:
        raise UserError(f"{backbone} was trained on {cfg['num_classes']} classes, which are not ImageNet's thousand")
    whole, side = _TimmClassifier(net).eval(), int(cfg["input_size"][-1])
    with torch.no_grad():
        features = net.forward_features(torch.zeros(1, 3, side, side))
    if features.ndim != 4:
        raise UserError(
            f"{backbone} has no feature map before its classifier, which reads the class token or flat features"
        )
    return _classifier(whole, "features", side, (cfg["mean"], cfg["std"]))


def _classifier(
    network: nn.Module, layer: str, side: int, normalisation: Sequence[Sequence[float]]
) -> ImagenetClassifier:
    mean, std = (tuple(values) for values in normalisation)
    preprocessing = Preprocessing(side, 3, "bicubic", mean, std)
    return ImagenetClassifier(ImageModel(network, {}, preprocessing, class_names()).eval(), layer)
