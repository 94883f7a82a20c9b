"""A network with everything that is needed to use it: images in, probabilities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.models.build import NetworkSpec, build_network, spec_from_dict, spec_to_dict
from warmstart.models.logits import probabilities
from warmstart.records.packaged_model import ModelOrigin
from warmstart.records.unsure import UnsureLimit


class ImageModel(nn.Module):
    """uint8 images (N, H, W, C) to logits: (N, 1) for two classes, else (N, classes). See ``models.logits``.

    network_spec: what ``network`` is built of; None for a network of which no checkpoint is written. origin: the
    training. Both may be given as the plain data that checkpoints store. temperature: divides the logits. threshold:
    the probability of ``classes[1]`` above which it is predicted; None for the most probable class. unsure: of a
    packaged model, which answers are marked as unsure.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        network: nn.Module,
        network_spec: NetworkSpec | Mapping[str, Any] | None,
        preprocessing: Preprocessing,
        classes: list[str],
        origin: ModelOrigin | Mapping[str, Any] | None = None,
        *,
        temperature: float = 1.0,
        threshold: float | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.network_spec = _typed(network_spec) if network_spec else None
        self.preprocessing = preprocessing
        self.classes = classes
        self.origin = origin if isinstance(origin, ModelOrigin) else ModelOrigin(**(origin or {}))
        self.temperature = temperature
        self.threshold = threshold
        self.unsure: UnsureLimit | None = None
        shape = (1, len(preprocessing.mean), 1, 1)
        self.register_buffer("mean", torch.tensor(preprocessing.mean).reshape(shape), persistent=False)
        self.register_buffer("std", torch.tensor(preprocessing.std).reshape(shape), persistent=False)

    @classmethod
    def build(
        cls,
        spec: NetworkSpec | Mapping[str, Any],
        preprocessing: Preprocessing,
        classes: list[str],
        origin: ModelOrigin | Mapping[str, Any] | None = None,
    ) -> ImageModel:
        """A model with random weights."""
        spec = _typed(spec)
        return cls(build_network(spec), spec, preprocessing, classes, origin)

    @property
    def spec(self) -> dict[str, Any]:
        """``network_spec`` as plain data; empty without one."""
        return spec_to_dict(self.network_spec) if self.network_spec else {}

    @property
    def meta(self) -> dict[str, Any]:
        """What is known of ``origin``, as plain data."""
        return {key: value for key, value in asdict(self.origin).items() if value is not None}

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
        return probabilities(logits.float() / self.temperature)

    @torch.inference_mode()
    def predict_proba(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, H, W, C) to probabilities, float32 (N, classes)."""
        return self.probabilities(self(images))

    def to_dict(self) -> dict[str, Any]:
        """Everything but the weights, as plain data, and but ``unsure``, which packages alone have."""
        return {
            "network": self.spec,
            "preprocessing": self.preprocessing.to_dict(),
            "classes": self.classes,
            "meta": self.meta,
            "temperature": self.temperature,
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ImageModel:
        """The inverse of ``to_dict``, with random weights."""
        preprocessing = Preprocessing.from_dict(data["preprocessing"])
        model = cls.build(data["network"], preprocessing, data["classes"], data["meta"])
        model.temperature, model.threshold = data["temperature"], data["threshold"]
        return model


def _typed(spec: NetworkSpec | Mapping[str, Any]) -> NetworkSpec:
    return spec_from_dict(spec) if isinstance(spec, Mapping) else spec
