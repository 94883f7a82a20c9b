"""The layer that maps are taken from, and the image size at which its maps are fine enough to point somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from warmstart.interpretation.attribution import captions
from warmstart.interpretation.attribution.gradcam import check_finite, find_layer, predicted_classes, resize_inputs
from warmstart.models.hooks import eval_mode, forward_hooks
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval

MIN_CELLS = 7  # to each side; a map of 3 × 3 cells says little more than "in the middle"
# The network sees an enlarged image at another scale than in training. If it may keep its prediction on a smaller
# share of images than this, a map of enlarged images would explain another network.
MIN_SAME_SHARE = 0.6
MAX_IMAGES_CHECKED = 32


@dataclass(frozen=True)
class CamLayer:
    """name: the path in the network of the layer that maps are taken from. side: of the images that the network is
    given, in pixels. cells: (h, w) of its maps. size: of the images as they are, in pixels. same: the share of images
    whose predicted class stays the same at that side; None where nothing is enlarged. why_coarse: why a map of fewer
    than 7 × 7 cells is not made finer.
    """

    name: str
    side: int
    cells: tuple[int, int]
    size: int
    same: Interval | None = None
    why_coarse: str = ""

    @property
    def description(self) -> str:
        """How fine the maps are and where they are from, for a reader."""
        text = captions.CAM_LAYER.format(*self.cells, name=self.name)
        if self.same is not None:
            text += captions.ENLARGED.format(size=self.size, side=self.side, share=captions.share(self.same))
        return text + (captions.COARSE.format(why=self.why_coarse) if self.why_coarse else "")

    def to_dict(self) -> dict[str, object]:
        """Plain data, as written beside what the maps show."""
        return {
            "layer": self.name,
            "where": self.description,
            "side": self.side,
            "same_answers": self.same.to_dict() if self.same else None,
            "why_coarse": self.why_coarse or None,
        }


def choose_cam_layer(model: nn.Module, images: torch.Tensor, layer: str | None) -> CamLayer:
    """Where the maps of ``model``, an ImageModel in evaluation mode, are taken.

    images: uint8 (N, H, W, C), square, test images on which predictions for enlarged ones are checked. layer: taken as
    it is, on images as they are. None: the network's last feature map, on images enlarged to the smallest whole number
    of its cells that gives 7 × 7, if the network takes them and predicts the same classes. Raises UserError as
    ``find_layer`` does.
    """
    network: Any = model.network
    name, module = find_layer(network, layer)
    size = int(images.shape[1])
    with torch.inference_mode(), eval_mode(network):
        inputs = model.normalise(images[:1].to(next(network.parameters()).device)).float()  # type: ignore[operator]
        cells = _cells(network, module, inputs) or (1, 1)
        if layer is not None or min(cells) >= MIN_CELLS:
            return CamLayer(name, size, cells, size)
        for side in candidate_sides(size, min(cells)):
            larger = _cells(network, module, resize_inputs(inputs, side))
            if larger and min(larger) >= MIN_CELLS:
                break
        else:
            return CamLayer(name, size, cells, size, why_coarse=captions.ONE_SIZE)
        same = same_predictions(model, images[:MAX_IMAGES_CHECKED], side)
    if same.low < MIN_SAME_SHARE:
        undecided = same.high >= MIN_SAME_SHARE
        why = captions.TOO_FEW_CHECKED if undecided else captions.OTHER_PREDICTIONS
        why = why.format(side=side, share=captions.share(same), n=same.n)
        return CamLayer(name, size, cells, size, why_coarse=why)
    return CamLayer(name, side, larger, size, same)


def candidate_sides(size: int, cells: int) -> list[int]:
    """Sides to try, in pixels, the best first: ``MIN_CELLS`` times the stride of the layer.

    The stride is the power of two from ``size / cells`` on, or else ``size / cells`` itself (a transformer's patch).
    """
    power = 1 << (-(-size // cells) - 1).bit_length()
    strides = [power, *([] if size % cells else [size // cells])]
    return list(dict.fromkeys(MIN_CELLS * stride for stride in strides if MIN_CELLS * stride > size))


def same_predictions(model: nn.Module, images: torch.Tensor, side: int) -> Interval:
    """The share of images, uint8 (N, H, W, C), whose predicted class stays the same at ``side`` pixels."""
    network: Any = model.network
    with torch.inference_mode(), eval_mode(network):
        inputs = model.normalise(images.to(next(network.parameters()).device)).float()  # type: ignore[operator]
        own, large = (
            predicted_classes(check_finite(network(some).float())) for some in (inputs, resize_inputs(inputs, side))
        )
    return wilson_interval(int((own == large).sum()), len(images))


def _cells(network: nn.Module, layer: nn.Module, inputs: torch.Tensor) -> tuple[int, int] | None:
    """(h, w) of the layer's map; None where the network does not take these inputs or the layer gives no map."""
    found: list[tuple[int, int]] = []

    def hook(_module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor) and output.ndim == 4:
            found.append((int(output.shape[2]), int(output.shape[3])))

    try:
        with forward_hooks([(layer, hook)]):
            network(inputs)
    except (AssertionError, RuntimeError, ValueError):
        return None
    return found[-1] if found else None
