"""How much a filter answers to a picture: one number, the same for photos and for patterns."""

from __future__ import annotations

import torch
from torch.nn import functional


def channel_objective(maps: torch.Tensor, spread: torch.Tensor, whole: bool = False) -> torch.Tensor:
    """The mean over a map, (N, K, h, w), of what is above 0, softly: (N, K), in units of ``spread``.

    maps: before the non-linearity. spread: (K,), the filters' standard deviation over photos and places. The border, which padding
    spoils, is left out unless ``whole``.

    The plain mean would say nothing of a first convolution, to which light and dark stripes add up to 0; the mean after a ReLU,
    which the lesson takes, is 0 with a gradient of 0 where the start excites nothing: half of the filters of deep layers.
    """
    border = 0 if whole else min(2, min(maps.shape[2:]) // 12)
    inner = maps[:, :, border : maps.shape[2] - border, border : maps.shape[3] - border].float()
    return functional.softplus(inner / spread[:, None, None]).mean((2, 3))
