"""What a layer's filters answer to photos: the scale on which patterns are measured, and the photos shown beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.layers import ConvLayer
from warmstart.interpretation.patterns.answer import mean_answer
from warmstart.interpretation.patterns.reading import visit
from warmstart.runtime.progress import progress

PHOTOS = 256
CROPS = 4
SPLITS = ("test", "val")
EVERY = 8  # of the photos, one in so many is enough for the spread of a map's values


@dataclass(frozen=True)
class Photos:
    """Some photos of the dataset. images: uint8 (N, H, W, C); where: (split, row, path) of each."""

    images: np.ndarray
    where: list[tuple[str, int, str]]


@dataclass(frozen=True)
class Natural:
    """What the first K filters of a layer answer to photos.

    mean, sd, most: float64 (K,), over photos, of ``mean_answer``. spread: float32 (K,), what it takes. strongest: int64 (K, CROPS), the photos whose strongest
    place is strongest, and place: int64 (K, CROPS, 2), that place's row and column on the layer's map.
    """

    mean: np.ndarray
    sd: np.ndarray
    most: np.ndarray
    spread: torch.Tensor
    strongest: np.ndarray
    place: np.ndarray

    def in_sd(self, channel: int, answer: float) -> float:
        """An answer in standard deviations above the mean photo's; 0 for one that differs from it by rounding alone."""
        above = answer - float(self.mean[channel])
        rounding = 1e-5 * (abs(float(self.mean[channel])) + 1e-3)
        return above / max(float(self.sd[channel]), rounding) if abs(above) > rounding else 0.0


def take_photos(store: ImageStore) -> Photos:
    """Up to 256 photos, evenly from the test and the validation split, none of which the network was trained on."""
    parts, where = [], []
    for split in SPLITS:
        images, rows = store.images(split), store.rows(split)
        chosen = (
            np.unique(np.linspace(0, len(rows) - 1, PHOTOS // len(SPLITS)).round().astype(np.int64))
            if rows
            else np.zeros(0, np.int64)
        )
        parts.append(np.asarray(images[chosen]))
        where += [(split, int(i), str(rows[i]["path"])) for i in chosen]
    if not where:
        raise UserError(f"{store.folder} holds no test or validation images to measure filters against")
    return Photos(np.concatenate(parts), where)


@torch.no_grad()
def answers_to_photos(
    model: Any, layers: Mapping[str, ConvLayer], count: int, photos: Photos, batch_size: int
) -> dict[str, Natural]:
    """What each layer's first ``count`` filters answer to the photos; all layers are read in the same passes of the network.

    Raises UserError when an answer is not finite.
    """
    spreads = _spreads(model, layers, count, photos, batch_size)
    means: dict[str, list[torch.Tensor]] = {key: [] for key in layers}
    peaks: dict[str, list[torch.Tensor]] = {key: [] for key in layers}
    places: dict[str, list[torch.Tensor]] = {key: [] for key in layers}

    def note(key: str, answer: torch.Tensor) -> None:
        maps = answer[:, :count].float()
        means[key].append(mean_answer(maps, spreads[key]).cpu())
        peak, place = maps.flatten(2).max(2)
        peaks[key].append(peak.cpu())
        places[key].append(place.cpu())

    starts = range(0, len(photos.images), batch_size)
    for start in progress(starts, "filters on photos", len(starts)):
        batch = torch.from_numpy(photos.images[start : start + batch_size]).to(model.mean.device)
        visit(model.network, layers, model.normalise(batch), note)
    return {
        key: _natural(
            layers[key].width, spreads[key], torch.cat(means[key]), torch.cat(peaks[key]), torch.cat(places[key])
        )
        for key in layers
    }


def _spreads(
    model: Any, layers: Mapping[str, ConvLayer], count: int, photos: Photos, batch_size: int
) -> dict[str, torch.Tensor]:
    moments: dict[str, list[torch.Tensor]] = {key: [] for key in layers}

    def note(key: str, answer: torch.Tensor) -> None:
        values = answer[:, :count].double()
        moments[key].append(
            torch.stack([values.mean((0, 2, 3)), values.square().mean((0, 2, 3)), values.new_ones(values.shape[1])])
            * len(values)
        )

    images = photos.images[::EVERY]
    for start in range(0, len(images), batch_size):
        visit(
            model.network,
            layers,
            model.normalise(torch.from_numpy(images[start : start + batch_size]).to(model.mean.device)),
            note,
        )
    spreads = {}
    for key, parts in moments.items():
        first, second, n = torch.stack(parts).sum(0)
        if not bool(torch.isfinite(second).all()):
            raise UserError(
                f"layer {layers[key].name} answers to photos with numbers that are not finite: the model's weights are damaged"
            )
        mean = first / n
        # A filter that never changes must not be divided by the rounding of its answers.
        spreads[key] = (second / n - mean.square()).clamp_min(0).sqrt().clamp_min(1e-4 * mean.abs() + 1e-9).float()
    return spreads


def _natural(
    width: int, spread: torch.Tensor, means: torch.Tensor, peaks: torch.Tensor, places: torch.Tensor
) -> Natural:
    mean = means.double()
    order = peaks.argsort(dim=0, descending=True, stable=True)[:CROPS]
    place = places.gather(0, order)
    return Natural(
        mean=mean.mean(0).numpy(),
        sd=mean.std(0, correction=0).numpy(),
        most=mean.amax(0).numpy(),
        spread=spread,
        strongest=order.T.numpy(),
        place=torch.stack([place // width, place % width], -1).transpose(0, 1).numpy(),
    )
