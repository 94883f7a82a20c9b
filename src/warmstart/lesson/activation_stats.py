"""The distribution of the values that each layer passes on, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.models.image_model import ImageModel
from warmstart.models.watch import evaluating, listening

BATCH_SIZE = 16
MAX_SAMPLE = 4000  # values of each layer and batch kept for the histogram, about


@dataclass
class ActivationStats:
    """A layer's values over all images, channels and places.

    name: conv 1 …, dense. normalised: whether batch norm follows the ReLU. zeros: the share of exact zeros after the
    ReLU. mean, std: of the next layer's input, after batch norm where there is one. sample: some of those values,
    float32 (n,), evenly spaced.
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

    def to_dict(self) -> dict[str, str | bool | float]:
        """Plain data, without the sample."""
        names = {"layer": "name", "normalised": "normalised", "mean": "mean", "std": "std", "zeros_after_relu": "zeros"}
        return {key: getattr(self, name) for key, name in names.items()}


class _Recorder:
    """A forward hook that gathers the statistics of each ReLU's output, or of the batch norm's that follows it."""

    def __init__(self) -> None:
        self.stats: dict[nn.Module, ActivationStats] = {}
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
            stats = self.stats.setdefault(module, ActivationStats(self._name()))
            stats.relu_zeros += int((output == 0).sum())
            stats.relu_count += output.numel()
            self.relu, self.pending = (module, output), output
        elif isinstance(module, _BatchNorm) and self.relu is not None and inputs[0] is self.relu[1]:
            self.stats[self.relu[0]].normalised = True
            self.pending = output

    def flush(self) -> None:
        """Count what the last layer passes on."""
        if self.relu is None or self.pending is None:
            return
        stats, values = self.stats[self.relu[0]], self.pending.float().flatten()
        stats.count += values.numel()
        stats.total += float(values.double().sum())
        stats.squares += float(values.double().square().sum())
        stats.parts.append(values[:: max(1, values.numel() // MAX_SAMPLE)].numpy().copy())
        self.relu = self.pending = None

    def _name(self) -> str:
        return f"conv {self.convolutions.index(self.before) + 1}" if isinstance(self.before, nn.Conv2d) else "dense"


@torch.no_grad()
def activation_stats(model: ImageModel, images: np.ndarray) -> list[ActivationStats]:
    """The statistics of every layer with a ReLU, in the order of the forward pass. images: uint8 (N, H, W, C).

    The network runs in evaluation mode and is left in the mode it was in.
    """
    recorder = _Recorder()
    kinds = (nn.Conv2d, nn.Linear, nn.ReLU, _BatchNorm)
    modules = [module for module in model.network.modules() if isinstance(module, kinds)]
    with evaluating(model), listening((module, recorder) for module in modules):
        for start in range(0, len(images), BATCH_SIZE):
            model(torch.from_numpy(np.array(images[start : start + BATCH_SIZE])))
            recorder.flush()
    return list(recorder.stats.values())
