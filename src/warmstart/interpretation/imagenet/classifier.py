"""A backbone with the classifier that it was trained with, for ImageNet's thousand classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.known_backbones import HALF, IMAGENET, KNOWN_BACKBONES
from warmstart.models.timm_backbone import as_map
from warmstart.models.weights import PUBLISHED_TORCHVISION, load_pretrained_state_dict, load_trunk_state_dict

CLASSES = 1000


class BareClassifier(nn.Module):
    """As much of an ImageModel as a map needs: uint8 images (N, side, side, 3) to logits (N, 1000).

    side: of its images, in pixels. cam_layer: the module inside ``network`` whose output is the last feature map.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, network: nn.Module, cam_layer: str, side: int, normalisation: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.network = network
        self.layer_name = cam_layer
        self.side = side
        for name, values in zip(("mean", "std"), normalisation, strict=True):
            self.register_buffer(name, torch.tensor(tuple(values)).reshape(1, 3, 1, 1), persistent=False)
        self.eval()

    @property
    def cam_layer(self) -> nn.Module:
        """The module whose output is the last feature map."""
        return self.network.get_submodule(self.layer_name)

    def normalise(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, side, side, 3) to the network's input, float (N, 3, side, side)."""
        return (images.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, side, side, 3) to logits (N, 1000)."""
        logits: torch.Tensor = self.network(self.normalise(images))
        return logits


class _TimmFeatures(nn.Module):
    """The part of a timm network before its head, with channels first, as a module that a hook can read."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return as_map(self.net, self.net.forward_features(x), x)


class _TimmWhole(nn.Module):
    """A timm network in two parts, for a map lies between them."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.features = _TimmFeatures(net)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features, net = self.features(x), self.features.net
        last = features.permute(0, 2, 3, 1) if getattr(net, "output_fmt", "NCHW") == "NHWC" else features
        logits: torch.Tensor = net.forward_head(last)
        return logits


def load_classifier(backbone: str, weights: str) -> BareClassifier:
    """The bare backbone in evaluation mode. weights: ``embedded``, ``published`` or a file that holds the classifier too.

    Raises UserError when the weights cannot be had, hold no such classifier, or the network has no map before it.
    """
    model = _design(backbone)
    whole = model.network.features.net if isinstance(model.network, _TimmWhole) else model.network  # type: ignore[union-attr]
    assert isinstance(whole, nn.Module)
    load_trunk_state_dict(whole, *load_pretrained_state_dict(backbone, weights))
    return model


def weights_at_hand(backbone: str) -> str | None:
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

    names: list[str] = EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
    return names


def _design(backbone: str) -> BareClassifier:
    """The network with fresh weights."""
    if backbone == "efficientnet_lite0":
        from warmstart.models.efficientnet_lite import EfficientNetLite0

        return BareClassifier(EfficientNetLite0(classes=CLASSES), KNOWN_BACKBONES[backbone].cam_layer, 224, HALF)
    if backbone in PUBLISHED_TORCHVISION:
        import torchvision.models

        network: nn.Module = getattr(torchvision.models, backbone)()
        layer = KNOWN_BACKBONES[backbone].cam_layer
        return BareClassifier(network, f"features.{layer}" if backbone == "vgg16" else layer, 224, IMAGENET)
    import timm

    if not timm.is_model(backbone):
        raise UserError(f"neither Warmstart nor timm knows a backbone {backbone!r}")
    net = timm.create_model(backbone, pretrained=False)
    cfg: Any = net.pretrained_cfg
    if cfg["num_classes"] != CLASSES:
        raise UserError(f"{backbone} was trained on {cfg['num_classes']} classes, which are not ImageNet's thousand")
    whole, side = _TimmWhole(net).eval(), int(cfg["input_size"][-1])
    with torch.no_grad():
        features = net.forward_features(torch.zeros(1, 3, side, side))  # type: ignore[operator]
    if features.ndim != 4:
        raise UserError(
            f"{backbone} has no feature map before its classifier, which reads the class token or flat features"
        )
    return BareClassifier(whole, "features", side, (cfg["mean"], cfg["std"]))
