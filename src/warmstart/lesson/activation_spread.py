"""How the values that a layer passes on are spread, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.models.hooks import evaluating, listening
from warmstart.models.image_model import ImageModel

BATCH, SAMPLE = 16, 4000  # images at once; values of each layer and batch kept for its histogram


@dataclass
class Spread:
    """A layer's values over all images, channels and places.

    name: conv 1 …, dense. zeros: the share of exact zeros after the ReLU. mean, std: of what the next layer gets, after the
    batch norm where there is one. sample: some of those values, float32 (n,), evenly taken.
    """

    name: str
    normalised: bool = False
    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    relu_count: int = 0
    relu_zeros: int = 0
    parts: list[np.ndarray] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def std(self) -> float:
        return float(np.sqrt(max(0.0, self.squares / self.count - self.mean**2)))

    @property
    def zeros(self) -> float:
        return self.relu_zeros / self.relu_count

    @property
    def sample(self) -> np.ndarray:
        return np.concatenate(self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without the sample."""
        return {
            "layer": self.name,
            "normalised": self.normalised,
            "mean": self.mean,
            "std": self.std,
            "zeros_after_relu": self.zeros,
        }


class _Listener:
    """Collects spreads while images pass: of each ReLU, and then, in its place, of the batch norm that takes its output."""

    def __init__(self) -> None:
        self.spreads: dict[nn.Module, Spread] = {}
        self.convolutions: list[nn.Module] = []
        self.before: nn.Module | None = None  # the convolution or dense layer that ran last
        self.relu: tuple[nn.Module, torch.Tensor] | None = None
        self.pending: torch.Tensor | None = None

    def __call__(self, module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if isinstance(module, nn.Conv2d | nn.Linear):
            self.before = module
            if isinstance(module, nn.Conv2d) and module not in self.convolutions:
                self.convolutions.append(module)
        elif isinstance(module, nn.ReLU):
            self.flush()
            spread = self.spreads.setdefault(module, Spread(self._name()))
            spread.relu_zeros += int((output == 0).sum())
            spread.relu_count += output.numel()
            self.relu, self.pending = (module, output), output
        elif isinstance(module, _BatchNorm) and self.relu is not None and inputs[0] is self.relu[1]:
            self.spreads[self.relu[0]].normalised = True
            self.pending = output

    def flush(self) -> None:
        """Count what the last layer passes on."""
        if self.relu is None or self.pending is None:
            return
        spread, values = self.spreads[self.relu[0]], self.pending.float().flatten()
        spread.count += values.numel()
        spread.total += float(values.double().sum())
        spread.squares += float(values.double().square().sum())
        spread.parts.append(values[:: max(1, values.numel() // SAMPLE)].numpy().copy())
        self.relu = self.pending = None

    def _name(self) -> str:
        return f"conv {self.convolutions.index(self.before) + 1}" if isinstance(self.before, nn.Conv2d) else "dense"


@torch.no_grad()
def activation_spreads(model: ImageModel, images: np.ndarray) -> list[Spread]:
    """The spread of every ReLU's layer, in the order in which an image passes them. images: uint8 (N, H, W, C).

    The network is run in evaluation mode and left in the mode it was in.
    """
    listener = _Listener()
    kinds = (nn.Conv2d, nn.Linear, nn.ReLU, _BatchNorm)
    with (
        evaluating(model),
        listening((module, listener) for module in model.network.modules() if isinstance(module, kinds)),
    ):
        for start in range(0, len(images), BATCH):
            model(torch.from_numpy(np.array(images[start : start + BATCH])))
            listener.flush()
    return list(listener.spreads.values())
