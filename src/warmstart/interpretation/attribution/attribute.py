"""The maps of test images: for the predicted class and for the true one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from warmstart.dataset.row_array import Rows
from warmstart.interpretation.attribution.cam_layer import CamLayer
from warmstart.interpretation.attribution.gradcam import check_finite, find_layer, gradcam_of_rows
from warmstart.interpretation.examples import Example


@dataclass(frozen=True)
class Attribution:
    """A test image with its signed maps, float32 (h, w): for the predicted class, and for the true class."""

    example: Example
    predicted: np.ndarray
    true: np.ndarray


def attribute(
    model: nn.Module, cam_layer: CamLayer, images: Rows, examples: Sequence[Example], n_classes: int, batch_size: int
) -> dict[int, Attribution]:
    """Both maps of each example, by its row; an example that comes twice is computed once.

    Of two classes, what speaks for one speaks against the other. images: uint8 (N, H, W, C), the test split.
    """
    layer = find_layer(model.network, cam_layer.name)[1]  # type: ignore[arg-type]
    some = list({e.row: e for e in examples}.values())

    def maps(of: Sequence[Example], classes: list[int]) -> np.ndarray:
        return gradcam_of_rows(model, layer, images, [e.row for e in of], classes, batch_size, cam_layer.side)

    out = {
        e.row: Attribution(e, signed, -signed if e.wrong else signed)
        for e, signed in zip(some, maps(some, [e.predicted for e in some]), strict=True)
    }
    if n_classes > 2:
        wrong = [e for e in some if e.wrong]
        true = maps(wrong, [e.label for e in wrong])
        out |= {e.row: Attribution(e, out[e.row].predicted, signed) for e, signed in zip(wrong, true, strict=True)}
    return out


def check_outputs(model: nn.Module, images: Rows, examples: Sequence[Example], batch_size: int) -> None:
    """Run a network that has no map on these test images. Raises UserError where its outputs are not finite."""
    device = next(model.parameters()).device
    with torch.inference_mode():
        for start in range(0, len(examples), batch_size):
            photos = np.stack([images[e.row] for e in examples[start : start + batch_size]])
            check_finite(model(torch.from_numpy(photos).to(device)))
