"""A network together with all that is needed to use it: images in, probabilities out."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.models.build import build_network


class ImageModel(nn.Module):
    """uint8 images (N, H, W, C) to logits (N, 1) for two classes, (N, classes) for more. A logit above 0 means ``classes[1]``.

    temperature divides the logits where evaluation found one; threshold is the probability of ``classes[1]`` above which a
    binary model says so.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        network: nn.Module,
        spec: dict[str, Any],
        preprocessing: Preprocessing,
        classes: list[str],
        meta: dict[str, Any] | None = None,
        *,
        temperature: float = 1.0,
        threshold: float | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.spec = spec
        self.preprocessing = preprocessing
        self.classes = classes
        self.meta = meta or {}
        self.temperature = temperature
        self.threshold = threshold
        shape = (1, len(preprocessing.mean), 1, 1)
        self.register_buffer("mean", torch.tensor(preprocessing.mean).reshape(shape), persistent=False)
        self.register_buffer("std", torch.tensor(preprocessing.std).reshape(shape), persistent=False)

    @classmethod
    def build(
        cls, spec: dict[str, Any], preprocessing: Preprocessing, classes: list[str], meta: dict[str, Any]
    ) -> ImageModel:
        """A model with fresh weights from plain data."""
        return cls(build_network(spec), spec, preprocessing, classes, meta)

    def normalise(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, H, W, C) to the network's input: float (N, C, H, W), channels last in memory."""
        pixels = images.permute(0, 3, 1, 2).float().div_(255.0)
        return pixels.sub_(self.mean).div_(self.std)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, H, W, C) to logits."""
        logits: torch.Tensor = self.network(self.normalise(images))
        return logits

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Logits to float32 (N, classes), with the temperature; two columns for two classes."""
        scaled = logits.float() / self.temperature
        if scaled.shape[1] == 1:
            positive = scaled.sigmoid()
            return torch.cat([1 - positive, positive], dim=1)
        return scaled.softmax(dim=1)

    @torch.inference_mode()
    def predict_proba(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, H, W, C) to probabilities, float32 (N, classes)."""
        return self.probabilities(self(images))

    def to_dict(self) -> dict[str, Any]:
        """Everything but the weights, as plain data."""
        return {
            "network": self.spec,
            "preprocessing": self.preprocessing.to_dict(),
            "classes": self.classes,
            "meta": self.meta,
            "temperature": self.temperature,
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ImageModel:
        """The inverse of ``to_dict``, with fresh weights."""
        preprocessing = Preprocessing.from_dict(data["preprocessing"])
        model = cls.build(data["network"], preprocessing, data["classes"], data["meta"])
        model.temperature, model.threshold = data["temperature"], data["threshold"]
        return model
