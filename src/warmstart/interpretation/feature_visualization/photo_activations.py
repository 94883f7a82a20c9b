"""How a layer's filters respond to photos: the scale on which patterns are measured, and the photos beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.conv_layers import ConvLayer, read_layers
from warmstart.interpretation.examples import spread_rows
from warmstart.interpretation.feature_visualization.activation_maximization import channel_objective
from warmstart.interpretation.receptive_field import ReceptiveField
from warmstart.models.image_model import ImageModel
from warmstart.runtime.progress import progress

MAX_PHOTOS = 256
N_CROPS = 4
SPLITS = ("test", "val")
SPREAD_EVERY = 8  # of the photos, one in so many is enough for the spread of a map's values


@dataclass(frozen=True)
class Photos:
    """Some photos of the dataset. images: uint8 (N, H, W, C). sources: (split, row, path) of each."""

    images: np.ndarray
    sources: list[tuple[str, int, str]]


@dataclass(frozen=True)
class Crop:
    """A square cut from a photo. box: top, left and side in pixels. pixels: uint8 (side, side, C)."""

    split: str
    row: int
    path: str
    box: tuple[int, int, int]
    pixels: np.ndarray


@dataclass(frozen=True)
class PhotoActivations:
    """How the first K filters of a layer respond to photos.

    mean, sd, most: float64 (K,), over photos, of ``channel_objective``. spread: float32 (K,), its unit. strongest:
    int64 (K, 4), the photos whose strongest place is strongest. place: int64 (K, 4, 2), that place's row and column on
    the map.
    """

    mean: np.ndarray
    sd: np.ndarray
    most: np.ndarray
    spread: torch.Tensor
    strongest: np.ndarray
    place: np.ndarray

    def standardise(self, channel: int, value: float) -> float:
        """A value in standard deviations above the mean photo's; 0 for one that differs from it by rounding alone."""
        mean = float(self.mean[channel])
        above = value - mean
        rounding = 1e-5 * (abs(mean) + 1e-3)
        return above / max(float(self.sd[channel]), rounding) if abs(above) > rounding else 0.0

    def crops(self, photos: Photos, field: ReceptiveField, channel: int) -> list[Crop]:
        """Around the strongest place of each of the photos where a filter is strongest, the strongest first."""
        crops = []
        for index, (row, column) in zip(self.strongest[channel], self.place[channel], strict=True):
            top, left, side = box = field.box(int(row), int(column))
            pixels = photos.images[index, top : top + side, left : left + side]
            crops.append(Crop(*photos.sources[int(index)], box, pixels))
        return crops


def sample_photos(store: ImageStore) -> Photos:
    """Up to 256 photos, evenly from the test and the validation split, on which the network was not trained."""
    parts, sources = [], []
    for split in SPLITS:
        images, rows = store.images(split), store.manifest(split)
        chosen = spread_rows(len(rows), MAX_PHOTOS // len(SPLITS))
        parts.append(np.asarray(images[chosen]))
        sources += [(split, i, rows[i].path) for i in chosen]
    if not sources:
        raise UserError(f"{store.folder} holds no test or validation images to measure filters against")
    return Photos(np.concatenate(parts), sources)


@torch.no_grad()
def activations_on_photos(
    model: ImageModel, layers: Mapping[str, ConvLayer], count: int, photos: Photos, batch_size: int
) -> dict[str, PhotoActivations]:
    """The response of each layer's first ``count`` filters; all layers are read in the same passes of the network.

    Raises UserError when a response is not finite.
    """
    spreads = _spreads(model, layers, count, photos, batch_size)
    found: dict[str, list[tuple[torch.Tensor, ...]]] = {key: [] for key in layers}

    def use(key: str, output: torch.Tensor) -> None:
        maps = output[:, :count].float()
        peak, place = maps.flatten(2).max(2)
        found[key].append((channel_objective(maps, spreads[key]).cpu(), peak.cpu(), place.cpu()))

    starts = range(0, len(photos.images), batch_size)
    for start in progress(starts, "filters on photos", len(starts)):
        batch = torch.from_numpy(photos.images[start : start + batch_size]).to(model.mean.device)
        read_layers(model.network, layers, model.normalise(batch), use)
    return {
        key: _summarise(layers[key].width, spreads[key], *(torch.cat(parts) for parts in zip(*batches, strict=True)))
        for key, batches in found.items()
    }


def _spreads(
    model: ImageModel, layers: Mapping[str, ConvLayer], count: int, photos: Photos, batch_size: int
) -> dict[str, torch.Tensor]:
    moments: dict[str, list[torch.Tensor]] = {key: [] for key in layers}

    def use(key: str, output: torch.Tensor) -> None:
        values = output[:, :count].double()
        ones = values.new_ones(values.shape[1])
        parts = torch.stack([values.mean((0, 2, 3)), values.square().mean((0, 2, 3)), ones])
        moments[key].append(parts * len(values))

    images = photos.images[::SPREAD_EVERY]
    for start in range(0, len(images), batch_size):
        batch = torch.from_numpy(images[start : start + batch_size]).to(model.mean.device)
        read_layers(model.network, layers, model.normalise(batch), use)
    spreads = {}
    for key, parts in moments.items():
        first, second, n = torch.stack(parts).sum(0)
        if not bool(torch.isfinite(second).all()):
            raise UserError(
                f"layer {layers[key].name} answers to photos with numbers that are not finite: "
                "the model's weights are damaged"
            )
        mean = first / n
        # A filter that never changes must not be divided by the rounding of its outputs.
        spreads[key] = (second / n - mean.square()).clamp_min(0).sqrt().clamp_min(1e-4 * mean.abs() + 1e-9).float()
    return spreads


def _summarise(
    width: int, spread: torch.Tensor, means: torch.Tensor, peaks: torch.Tensor, places: torch.Tensor
) -> PhotoActivations:
    mean = means.double()
    order = peaks.argsort(dim=0, descending=True, stable=True)[:N_CROPS]
    place = places.gather(0, order)
    return PhotoActivations(
        mean=mean.mean(0).numpy(),
        sd=mean.std(0, correction=0).numpy(),
        most=mean.amax(0).numpy(),
        spread=spread,
        strongest=order.T.numpy(),
        place=torch.stack([place // width, place % width], -1).transpose(0, 1).numpy(),
    )
