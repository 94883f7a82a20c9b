"""Where maps are taken: the last feature map, of an image enlarged as far as it takes for a map that can point somewhere."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from warmstart.evaluation.intervals import Interval, wilson
from warmstart.interpretation.cam.maps import check_numbers, find_layer, resized
from warmstart.models.hooks import evaluating, listening

log = logging.getLogger(__name__)
# Cells to each side. Of 3 × 3, each covers a ninth of the image, and a map of them says little more than "in the middle".
CELLS = 7
# The network sees an enlarged image at another scale than it was trained at. Where the share of images of which it still says the
# same may be lower than this, the map would explain another network.
SAME = 0.6
CHECKED = 32  # images on which that is looked at


@dataclass(frozen=True)
class Site:
    """name: the layer's path in the network. side: of the images that the network is given, in pixels. cells: (h, w) of its maps.
    size: of the images as they are. same: of how many images it says the same class at that side; None where nothing is enlarged.
    why_coarse: why a map of fewer than 7 × 7 cells is not made finer.
    """

    name: str
    side: int
    cells: tuple[int, int]
    size: int
    same: Interval | None = None
    why_coarse: str = ""

    @property
    def words(self) -> str:
        """For a reader: how fine the maps are, and where they are from."""
        text = f"maps of {self.cells[0]}×{self.cells[1]} cells from layer {self.name}"
        if self.same is not None:
            text += f", images enlarged from {self.size} to {self.side} px (which leaves the answer as it is for {100 * self.same.value:.0f} % of {self.same.n})"
        return text + (f"; coarse, because {self.why_coarse}" if self.why_coarse else "")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as filed beside what the maps show."""
        same = self.same.to_dict() if self.same else None
        return {
            "layer": self.name,
            "where": self.words,
            "side": self.side,
            "same_answers": same,
            "why_coarse": self.why_coarse or None,
        }


def choose_site(model: nn.Module, images: torch.Tensor, layer: str | None) -> Site:
    """Where the maps of ``model`` are taken; decided by the sizes of its feature maps, whatever the network.

    model: an ImageModel in evaluation mode. images: uint8 (N, H, W, C), square, test images on which its answers to enlarged
    ones are checked; 32 are enough. layer: taken as it is, on images as they are; None: the network's last feature map, on images
    enlarged to the least whole number of its cells that gives 7 × 7, if the network takes them and says the same class of them.
    Raises UserError as ``find_layer`` does.
    """
    network: Any = model.network
    name, module = find_layer(network, layer)
    size = int(images.shape[1])
    with torch.inference_mode(), evaluating(network):
        inputs = model.normalise(images[:1].to(next(network.parameters()).device)).float()  # type: ignore[operator]
        cells = _cells(network, module, inputs) or (1, 1)
        if layer is not None or min(cells) >= CELLS:
            return Site(name, size, cells, size)
        for side in sides(size, min(cells)):
            larger = _cells(network, module, resized(inputs, side))
            if larger and min(larger) >= CELLS:
                break
        else:
            return Site(name, size, cells, size, why_coarse="the network takes images of one size only")
        same = same_answers(model, images[:CHECKED], side)
    if same.low < SAME <= same.high:
        few = f"{same.n} images are too few to show that the network says the same of enlarged ones"
        return Site(name, size, cells, size, why_coarse=few)
    if same.low < SAME:
        share = f"{100 * same.value:.0f} % of {same.n} images"
        return Site(
            name, size, cells, size, why_coarse=f"enlarged to {side} px the network says the same class of {share} only"
        )
    return Site(name, side, larger, size, same)


def sides(size: int, cells: int) -> list[int]:
    """Sides to try, in pixels, the best first: ``CELLS`` times the image's part that one cell stands for, so that cells and pixels fit.

    That part is the power of two from ``size / cells`` on, for strides multiply, or else ``size / cells`` itself (a transformer's patch).
    """
    power = 1
    while power * cells < size:
        power *= 2
    strides = [power, *([] if size % cells else [size // cells])]
    return list(dict.fromkeys(CELLS * stride for stride in strides if CELLS * stride > size))


def same_answers(model: nn.Module, images: torch.Tensor, side: int, batch_size: int = 32) -> Interval:
    """Of how many images, uint8 (N, H, W, C), the network says the same class when they are enlarged to ``side``: a share with its interval."""
    network: Any = model.network
    device = next(network.parameters()).device
    hits = 0
    with torch.inference_mode(), evaluating(network):
        for start in range(0, len(images), batch_size):
            inputs = model.normalise(images[start : start + batch_size].to(device)).float()  # type: ignore[operator]
            own, large = (_said(check_numbers(network(some).float())) for some in (inputs, resized(inputs, side)))
            hits += int((own == large).sum())
    return wilson(hits, len(images))


def _said(logits: torch.Tensor) -> torch.Tensor:
    return (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)


def _cells(network: nn.Module, layer: nn.Module, inputs: torch.Tensor) -> tuple[int, int] | None:
    """The layer's map of these inputs in cells; None where the network does not take them or the layer gives no map."""
    found: list[tuple[int, int]] = []

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor) and output.ndim == 4:
            found.append((int(output.shape[2]), int(output.shape[3])))

    try:
        with listening([(layer, hook)]):
            network(inputs)
    except (AssertionError, RuntimeError, ValueError):
        return None
    return found[-1] if found else None
