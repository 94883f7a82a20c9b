"""The maps of test images: for the class that the recipe said, and for the true one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from warmstart.dataset.row_array import Rows
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.cam.maps import check_numbers, find_layer, maps_of_rows
from warmstart.interpretation.cam.site import Site


@dataclass(frozen=True)
class Explained:
    """A test image with its signed maps, float32 (h, w): for the predicted class, and for the true class."""

    example: Example
    predicted: np.ndarray
    true: np.ndarray

    @property
    def wrong(self) -> bool:
        """Whether the two classes differ."""
        return self.example.predicted != self.example.true


def explain(
    model: nn.Module, site: Site, images: Rows, examples: Sequence[Example], n_classes: int, batch_size: int
) -> dict[int, Explained]:
    """Both maps of each example, by its row; an example that comes twice is explained once.

    images: uint8 (N, H, W, C), the test split. Of two classes, what speaks for one speaks against the other: there the
    second map is the first with its sign turned.
    """
    network: Any = model.network
    layer = find_layer(network, site.name)[1]
    some = list({e.row: e for e in examples}.values())
    predicted = maps_of_rows(
        model, layer, images, [e.row for e in some], [e.predicted for e in some], batch_size, site.side
    )
    out = {
        e.row: Explained(e, signed, -signed if e.predicted != e.true else signed)
        for e, signed in zip(some, predicted, strict=True)
    }
    if n_classes > 2:
        wrong = [e for e in some if e.predicted != e.true]
        true = maps_of_rows(
            model, layer, images, [e.row for e in wrong], [e.true for e in wrong], batch_size, site.side
        )
        out |= {e.row: Explained(e, out[e.row].predicted, signed) for e, signed in zip(wrong, true, strict=True)}
    return out


def check_outputs(model: nn.Module, images: Rows, examples: Sequence[Example], batch_size: int) -> None:
    """Run a network that has no map on these test images. Raises UserError where its outputs are not numbers."""
    device = next(model.parameters()).device
    with torch.inference_mode():
        for start in range(0, len(examples), batch_size):
            photos = np.stack([images[e.row] for e in examples[start : start + batch_size]])
            check_numbers(model(torch.from_numpy(photos).to(device)))
