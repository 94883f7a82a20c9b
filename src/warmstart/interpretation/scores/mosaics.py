"""Mosaics of two classes: does the map for one of them stay in its own cells? Needs no masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from PIL import Image

from warmstart.dataset.row_array import Rows
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.cam.maps import enlarge
from warmstart.interpretation.scores.regions import attainable, energy_inside, points_inside
from warmstart.interpretation.scores.sample import Sample, explain

CELLS = 4
# Which two of the four cells show the first class.
LAYOUTS = tuple(combinations(range(CELLS), CELLS // 2))


@dataclass(frozen=True)
class Mosaics:
    """images: uint8 (M, size, size, C). classes: int64 (M, 2). first: uint8 (M, size, size), 1 in the cells of the first."""

    images: np.ndarray
    classes: np.ndarray
    first: np.ndarray


@dataclass(frozen=True)
class MosaicScores:
    """Each (M,), the mean over a mosaic's two classes. energy, pointing: in [0, 1], 0.5 by chance. attainable: the energy of
    a map as right as the layer's resolution allows.
    """

    energy: np.ndarray
    pointing: np.ndarray
    attainable: np.ndarray

    @property
    def localisation(self) -> np.ndarray:
        """How far the energy is from chance (0) towards what is attainable (1), so that coarse and fine maps compare; above 1
        where a map keeps clear of the borders; NaN for maps of one cell, which can point nowhere.
        """
        room = self.attainable - 0.5
        out: np.ndarray = np.where(room > 1e-6, (self.energy - 0.5) / np.where(room > 1e-6, room, 1), np.nan)
        return out


def make_mosaics(images: Rows, examples: Sequence[Example], count: int, seed: int) -> Mosaics | None:
    """At most ``count`` mosaics as large as an image, each of two images of one class and two of another in random places;
    None where no two classes have two images each.

    images: uint8 (N, size, size, C), all of the split. No image is used again before all of its class have been. Cells are
    half as large as images, because a network with a dense layer takes one size only.
    """
    rng = np.random.default_rng(seed)
    of_class = {c: [e.row for e in examples if e.true == c] for c in {e.true for e in examples}}
    usable = sorted(c for c, rows in of_class.items() if len(rows) >= CELLS // 2)
    pairs = [tuple(pair) for pair in combinations(usable, 2)]
    if not pairs or count < 1:
        return None
    turns: dict[int, list[int]] = {c: [] for c in usable}
    tiles, classes, firsts = [], [], []
    for number in range(count):
        if number % len(pairs) == 0:
            pairs = [pairs[i] for i in rng.permutation(len(pairs))]
        pair = pairs[number % len(pairs)]
        layout = LAYOUTS[int(rng.integers(len(LAYOUTS)))]
        rows = [0] * CELLS
        for c, cells in zip(pair, (layout, [i for i in range(CELLS) if i not in layout]), strict=True):
            for cell in cells:
                if not turns[c]:
                    turns[c] = [of_class[c][i] for i in rng.permutation(len(of_class[c]))]
                rows[cell] = turns[c].pop()
        tiles.append(tile([np.asarray(images[row]) for row in rows]))
        firsts.append(
            tile([np.full((*images.shape[1:3], 1), cell in layout, dtype=np.uint8) for cell in range(CELLS)])[..., 0]
        )
        classes.append(pair)
    return Mosaics(np.stack(tiles), np.array(classes, dtype=np.int64), np.stack(firsts))


def tile(four: Sequence[np.ndarray]) -> np.ndarray:
    """Four images, uint8 (size, size, C), as quarters of one of the same shape."""
    size = four[0].shape[0]
    sides = (size // 2, size - size // 2)
    small = [_resize(image, sides[i // 2], sides[i % 2]) for i, image in enumerate(four)]
    return np.concatenate([np.concatenate(small[:2], axis=1), np.concatenate(small[2:], axis=1)], axis=0)


def score_mosaics(sample: Sample, mosaics: Mosaics) -> MosaicScores:
    """Score the maps that the sample's network and layer give for both classes of each mosaic."""
    first = explain(sample.model, sample.site, mosaics.images, mosaics.classes[:, 0], sample.batch_size)
    if len(sample.model.classes) == 2:
        second = -first  # what speaks for one of two classes speaks against the other
    else:
        second = explain(sample.model, sample.site, mosaics.images, mosaics.classes[:, 1], sample.batch_size)
    return score_maps(first, second, mosaics.first)


def score_maps(first: np.ndarray, second: np.ndarray, inside: np.ndarray) -> MosaicScores:
    """Scores of maps (M, h, w) for the class inside and for the class outside. inside: (M, size, size) of 0 and 1."""
    size, cells = inside.shape[1], (int(first.shape[1]), int(first.shape[2]))
    sides = [(enlarge(first, size), inside), (enlarge(second, size), 1 - inside)]
    return MosaicScores(
        energy=np.mean([energy_inside(*side) for side in sides], axis=0),
        pointing=np.mean([points_inside(*side) for side in sides], axis=0),
        attainable=np.mean([attainable(region, cells) for _, region in sides], axis=0),
    )


def _resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    channels = [
        np.asarray(Image.fromarray(image[..., c]).resize((width, height), Image.Resampling.BILINEAR))
        for c in range(image.shape[2])
    ]
    return np.stack(channels, axis=2)
