"""Backbones by name: those described here, and any other network of timm."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from warmstart.config.weights_path import EMBEDDED
from warmstart.models.backbone_spec import BackboneSpec
from warmstart.models.timm_backbone import timm_backbone_spec

HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def efficientnet_lite(name: str = "efficientnet_lite0", n_classes: int = 0) -> nn.Module:
    """timm's EfficientNet-Lite: float (N, 3, H, W) to its last feature map, (N, 1280, ⌈H/32⌉, ⌈W/32⌉), or to logits.

    name: of the backbone. n_classes: of the logits; 0: the map. The weights are random, as PyTorch initialises its
    layers.
    """
    import timm

    with torch.device("meta"):  # timm's own initialisation draws no random numbers there
        net: nn.Module = timm.create_model(f"tf_{name}", num_classes=n_classes, global_pool="avg" if n_classes else "")
    net.to_empty(device=torch.get_default_device())
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.Linear):
            layer.reset_parameters()
    return net


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
    # timm's batch norms end with the activation, so that bn2 gives the last map.
    **{
        name: BackboneSpec(partial(efficientnet_lite, name), ("blocks.6", "conv_head", "bn2"), "bn2", "conv_stem", HALF)
        for name in EMBEDDED
    },
    "vgg16": BackboneSpec(_vgg16, ("24", "26", "28"), "29", "0", IMAGENET),
    "resnet50": BackboneSpec(_resnet50, ("layer4",), "layer4", "conv1", IMAGENET),
}


def get_backbone_spec(name: str) -> BackboneSpec:
    """The description of a backbone by name, also of any network of timm. Raises UserError for an unknown name."""
    if name in KNOWN_BACKBONES:
        return KNOWN_BACKBONES[name]
    return timm_backbone_spec(name)
