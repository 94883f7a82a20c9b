"""The distribution of the values that each layer passes on, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from warmstart.models.hooks import eval_mode, forward_hooks
from warmstart.models.image_model import ImageModel

BATCH_SIZE = 16
MAX_SAMPLE = 4000  # values of each layer and batch kept for the histogram, about


@dataclass
class ActivationStats:
    """name: conv 1 …, dense. normalised: whether batch norm follows the ReLU. zeros: the share of exact zeros after the
    ReLU. mean, std: of the next layer's input. sample: some of those values, float32 (n,), evenly spaced.
    """

    name: str
    normalised: bool = False
    count: int = 0
    total: float = 0.0
    squares: float = 0.0
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
        return self.relu_zeros / self.count

    @property
    def sample(self) -> np.ndarray:
        return np.concatenate(self.parts)

    def add(self, relu: torch.Tensor, passed_on: torch.Tensor) -> None:
        """Count a batch: the ReLU's output, and what the next layer gets."""
        values = passed_on.float().flatten()
        self.relu_zeros += int((relu == 0).sum())
        self.count += values.numel()
        self.total += float(values.double().sum())
        self.squares += float(values.double().square().sum())
        self.parts.append(values[:: max(1, values.numel() // MAX_SAMPLE)].numpy().copy())

    def to_dict(self) -> dict[str, str | bool | float]:
        """Plain data, without the sample."""
        names = {"layer": "name", "normalised": "normalised", "mean": "mean", "std": "std", "zeros_after_relu": "zeros"}
        return {key: getattr(self, name) for key, name in names.items()}


@torch.no_grad()
def activation_stats(model: ImageModel, images: np.ndarray) -> list[ActivationStats]:
    """The statistics of every layer with a ReLU, in the order of the forward pass. images: uint8 (N, H, W, C)."""
    stats: dict[nn.Module, ActivationStats] = {}
    calls: list[tuple[nn.Module, torch.Tensor, torch.Tensor]] = []  # of one batch: module, input, output
    modules = [m for m in model.network.modules() if isinstance(m, nn.Conv2d | nn.Linear | nn.ReLU | _BatchNorm)]

    def record(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        calls.append((module, inputs[0], output))

    with eval_mode(model), forward_hooks((module, record) for module in modules):
        for start in range(0, len(images), BATCH_SIZE):
            model(torch.from_numpy(np.array(images[start : start + BATCH_SIZE])))
            name, n_convolutions = "dense", 0
            for (module, _, output), following in zip(calls, [*calls[1:], None], strict=True):
                if isinstance(module, nn.Conv2d):
                    n_convolutions += 1
                    name = f"conv {n_convolutions}"
                elif isinstance(module, nn.Linear):
                    name = "dense"
                elif isinstance(module, nn.ReLU):
                    layer = stats.setdefault(module, ActivationStats(name))
                    if following and isinstance(following[0], _BatchNorm) and following[1] is output:
                        layer.normalised = True
                        layer.add(output, following[2])
                    else:
                        layer.add(output, output)
            calls.clear()
    return list(stats.values())
