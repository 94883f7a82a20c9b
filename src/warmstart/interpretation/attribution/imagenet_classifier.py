"""A backbone with the classifier that it was trained with, for ImageNet's thousand classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from warmstart.config.input_size import OWN_SIZES
from warmstart.config.weights_path import EMBEDDED
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.models.image_model import ImageModel
from warmstart.models.known_backbones import HALF, IMAGENET, KNOWN_BACKBONES, efficientnet_lite
from warmstart.models.weights import PUBLISHED_TORCHVISION, load_pretrained_state_dict, load_trunk_state_dict

N_CLASSES = 1000


@dataclass(frozen=True)
class ImagenetClassifier:
    """A model of the thousand classes. layer_name: the module in its network that gives the last feature map."""

    model: ImageModel
    layer_name: str


def load_classifier(backbone: str, weights: str) -> ImagenetClassifier:
    """The backbone with its classifier, in evaluation mode.

    backbone: one with embedded weights or one of torchvision's that Warmstart knows. weights: ``embedded``,
    ``published`` or a file that holds the classifier too. Raises UserError when the weights cannot be had or hold no
    such classifier.
    """
    layer = KNOWN_BACKBONES[backbone].cam_layer
    if backbone in EMBEDDED:
        network, normalisation = efficientnet_lite(backbone, N_CLASSES), HALF
    else:
        import torchvision.models

        network, normalisation = getattr(torchvision.models, backbone)(), IMAGENET
        layer = f"features.{layer}" if backbone == "vgg16" else layer
    load_trunk_state_dict(network, *load_pretrained_state_dict(backbone, weights))
    preprocessing = Preprocessing(OWN_SIZES[backbone], 3, "bicubic", *normalisation)
    return ImagenetClassifier(ImageModel(network, {}, preprocessing, class_names()).eval(), layer)


def available_weights(backbone: str) -> str | None:
    """``embedded`` or ``published`` where the weights with their classifier are on this machine, else None."""
    if backbone in EMBEDDED:
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
