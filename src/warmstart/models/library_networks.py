"""Architectures of timm and torchvision from random weights, for recipes that train a whole network."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.models.timm_backbone import TimmTrunk, timm_backbone_spec
from warmstart.text.near_names import did_you_mean

FIXED_SIZE = "vit_"  # beginning of the torchvision networks that are built for one image size
TWO_OUTPUTS = ("googlenet", "inception_v3")  # give a second output in training unless it is left out


class TimmNet(nn.Module):
    """A timm network up to its last feature map, the mean over positions, and a linear layer.

    name: of timm, such as ``resnet18``. dropout: share dropped before the linear layer. size, channels: of the images,
    float (N, channels, size, size). outputs: number of logits. Raises UserError for an unknown name, and for a network
    without a feature map or for images of another size.
    """

    def __init__(self, name: str, *, size: int, channels: int, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        timm_backbone_spec(name, "network.name")  # refuses what has no feature map
        self.trunk = TimmTrunk(name, channels)
        try:
            with torch.no_grad():
                features = self.trunk.eval()(torch.zeros(1, channels, size, size))
        except (AssertionError, RuntimeError, ValueError) as error:
            raise UserError(
                f"network.name is {name!r}, which does not take images of {size} px ({error}): set data.size to what "
                "it takes"
            ) from None
        if features.ndim != 4:
            raise UserError(f"network.name is {name!r}, which gives no feature map: choose a convolutional network")
        self.trunk.train()
        self.dropout = nn.Dropout(dropout)
        self.logits = nn.Linear(features.shape[1], outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images to logits (N, outputs)."""
        out: torch.Tensor = self.logits(self.dropout(self.trunk(x).mean((2, 3))))
        return out

    @property
    def output_layer(self) -> nn.Linear:
        """The layer whose output is the logits."""
        return self.logits

    @property
    def cam_layer(self) -> nn.Module:
        """The module whose output is the last feature map."""
        return self.trunk


class TorchvisionNet(nn.Module):
    """A classifier of torchvision as it is, with so many outputs.

    name: of torchvision, such as ``resnet18``. dropout: share dropped before the last linear layer, besides what the
    network itself drops. size, channels, outputs: as in ``TimmNet``. Raises UserError for an unknown name, and for grey
    images.
    """

    def __init__(self, name: str, *, size: int, channels: int, outputs: int, dropout: float = 0.0) -> None:
        from torchvision import models

        super().__init__()
        known = models.list_models(module=models)
        if name not in known:
            near = did_you_mean(name, known) or "torchvision.models.list_models() lists them"
            raise UserError(f"network.name is {name!r}, which torchvision does not know; {near}")
        if channels != 3:
            raise UserError("networks of torchvision need colour images: set data.channels to 3, or network=timm")
        options: dict[str, Any] = {"image_size": size} if name.startswith(FIXED_SIZE) else {}
        if name in TWO_OUTPUTS:
            options |= {"aux_logits": False, "init_weights": True}
        try:
            self.net = models.get_model(name, weights=None, num_classes=outputs, **options)
        except (AssertionError, ValueError) as error:  # such as a size that patches do not divide
            raise UserError(f"network.name is {name!r}, which does not take images of {size} px ({error})") from None
        for layer in self.net.modules():
            if hasattr(layer, "inplace"):
                layer.inplace = False  # or hooks on the layer before would read an overwritten output
        if dropout:
            _drop_before_last(self.net, dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images to logits (N, outputs)."""
        out: torch.Tensor = self.net(x)
        return out


def _drop_before_last(network: nn.Module, share: float) -> None:
    """Put dropout before the last linear layer of ``network``, where it has one."""
    linear = [name for name, layer in network.named_modules() if isinstance(layer, nn.Linear)]
    if linear:
        parent, _, name = linear[-1].rpartition(".")
        owner: Any = network.get_submodule(parent)
        setattr(owner, name, nn.Sequential(nn.Dropout(share), network.get_submodule(linear[-1])))
