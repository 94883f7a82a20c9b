"""Backbones by name: those described here, and any other network of timm."""

from __future__ import annotations

from torch import nn

from warmstart.models.backbone_spec import BackboneSpec
from warmstart.models.timm_backbone import timm_backbone_spec

HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def _efficientnet_lite0() -> nn.Module:
    from warmstart.models.efficientnet_lite import EfficientNetLite0

    return EfficientNetLite0()


def _vgg16() -> nn.Module:
    from torchvision.models.vgg import vgg16

    trunk: nn.Module = vgg16().features
    for layer in trunk.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # or hooks on a convolution would read an overwritten output
    return trunk


def _resnet50() -> nn.Module:
    from collections import OrderedDict

    from torchvision.models.resnet import resnet50

    return nn.Sequential(OrderedDict(list(resnet50().named_children())[:-2]))


KNOWN_BACKBONES: dict[str, BackboneSpec] = {
    "efficientnet_lite0": BackboneSpec(
        _efficientnet_lite0, ("blocks.6", "conv_head", "bn2"), "act2", "conv_stem", HALF
    ),
    "vgg16": BackboneSpec(_vgg16, ("24", "26", "28"), "29", "0", IMAGENET),
    "resnet50": BackboneSpec(_resnet50, ("layer4",), "layer4", "conv1", IMAGENET),
}


def get_backbone_spec(name: str) -> BackboneSpec:
    """The description of a backbone by name, also of any network of timm. Raises UserError for an unknown name."""
    if name in KNOWN_BACKBONES:
        return KNOWN_BACKBONES[name]
    return timm_backbone_spec(name)
