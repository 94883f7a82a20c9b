"""How much of a map lies where it should: in masks of the evidence, or in the right cells of mosaics of two classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from PIL import Image

from warmstart.dataset.row_array import Rows
from warmstart.drawing.sheet import to_image
from warmstart.interpretation.attribution.gradcam import upsample
from warmstart.interpretation.examples import Example
from warmstart.interpretation.faithfulness.controls import cell_means
from warmstart.interpretation.faithfulness.sample import Sample

N_TILES = 4
LAYOUTS = tuple(combinations(range(N_TILES), N_TILES // 2))  # which two of the four tiles show the first class


def energy_inside(large: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Which share of a map's positive values lies inside, float64 (N,), in [0, 1]; of the area where there are none.

    large: (N, H, W). inside: (N, H, W) of 0 and 1.
    """
    positive = np.clip(large, 0, None).astype(np.float64)
    total = positive.sum(axis=(1, 2))
    area = inside.mean(axis=(1, 2), dtype=np.float64)
    return np.asarray(np.divide((positive * inside).sum(axis=(1, 2)), total, out=area, where=total > 0))


def points_inside(large: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The pointing game: 1 where a map's highest pixel lies inside, else 0; (N,). As ``energy_inside`` otherwise.

    Source: J. Zhang et al., "Top-down neural attention by excitation backprop", ECCV 2016; without its tolerance.
    """
    flat = large.reshape(len(large), -1)
    hit = inside.reshape(len(large), -1)[np.arange(len(large)), flat.argmax(axis=1)].astype(np.float64)
    return np.asarray(np.where(flat.max(axis=1) > 0, hit, inside.mean(axis=(1, 2), dtype=np.float64)))


def attainable_energy(inside: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """The energy inside, (N,), of a map whose cells are as high as the share of them that lies inside."""
    return energy_inside(upsample(cell_means(inside, cells), inside.shape[1]), inside)


@dataclass(frozen=True)
class Mosaics:
    """images: uint8 (M, size, size, C). classes: int64 (M, 2). first: uint8 (M, size, size), 1 in the first's tiles."""

    images: np.ndarray
    classes: np.ndarray
    first: np.ndarray


def make_mosaics(images: Rows, examples: Sequence[Example], count: int, seed: int) -> Mosaics | None:
    """At most ``count`` mosaics, as large as an image, of two images of one class and two of another in random tiles.

    None where no two classes have two images each. No image is used again before all of its class have been. images:
    uint8 (N, size, size, C), all of the split.
    """
    rng = np.random.default_rng(seed)
    of_class = {c: [e.row for e in examples if e.label == c] for c in {e.label for e in examples}}
    usable = sorted(c for c, rows in of_class.items() if len(rows) >= N_TILES // 2)
    pairs = [tuple(pair) for pair in combinations(usable, 2)]
    if not pairs or count < 1:
        return None
    waiting: dict[int, list[int]] = {c: [] for c in usable}
    mosaics, classes, firsts = [], [], []
    for number in range(count):
        if number % len(pairs) == 0:
            pairs = [pairs[i] for i in rng.permutation(len(pairs))]
        pair = pairs[number % len(pairs)]
        layout = LAYOUTS[int(rng.integers(len(LAYOUTS)))]
        rows = [0] * N_TILES
        for c, tiles in zip(pair, (layout, [i for i in range(N_TILES) if i not in layout]), strict=True):
            for i in tiles:
                if not waiting[c]:
                    waiting[c] = [of_class[c][k] for k in rng.permutation(len(of_class[c]))]
                rows[i] = waiting[c].pop()
        mosaics.append(tile([np.asarray(images[row]) for row in rows]))
        shape = (*images.shape[1:3], 1)
        firsts.append(tile([np.full(shape, i in layout, dtype=np.uint8) for i in range(N_TILES)])[..., 0])
        classes.append(pair)
    return Mosaics(np.stack(mosaics), np.array(classes, dtype=np.int64), np.stack(firsts))


def tile(four: Sequence[np.ndarray]) -> np.ndarray:
    """Four images, uint8 (size, size, C), as quarters of one of the same shape."""
    size = four[0].shape[0]
    sides = (size // 2, size - size // 2)
    resized = (
        to_image(image).resize((sides[i % 2], sides[i // 2]), Image.Resampling.BILINEAR) for i, image in enumerate(four)
    )
    small = [np.asarray(image).reshape(image.height, image.width, -1) for image in resized]
    return np.concatenate([np.concatenate(small[:2], axis=1), np.concatenate(small[2:], axis=1)], axis=0)


def score_mosaics(sample: Sample, mosaics: Mosaics) -> dict[str, np.ndarray]:
    """Score the maps that the sample's network and layer give for both classes of each mosaic."""
    first = sample.class_maps(mosaics.images, mosaics.classes[:, 0])
    # What speaks for one of two classes speaks against the other.
    two = len(sample.model.classes) == 2
    second = -first if two else sample.class_maps(mosaics.images, mosaics.classes[:, 1])
    return score_maps(first, second, mosaics.first)


def score_maps(first: np.ndarray, second: np.ndarray, inside: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of maps (M, h, w) for the class inside and for the class outside. inside: (M, size, size) of 0 and 1.

    Each (M,), the mean over a mosaic's two classes. ``mosaic_energy``, ``pointing_game``: in [0, 1], 0.5 by chance.
    ``localisation``: how far the energy is from chance (0) towards what is attainable (1), so that coarse and fine maps
    compare. It is above 1 where a map keeps clear of the borders, and NaN for maps of one cell, which cannot point
    anywhere.
    """
    size, cells = inside.shape[1], (int(first.shape[1]), int(first.shape[2]))
    sides = [(upsample(first, size), inside), (upsample(second, size), 1 - inside)]
    energy = np.mean([energy_inside(*side) for side in sides], axis=0)
    room = np.mean([attainable_energy(region, cells) for _, region in sides], axis=0) - 0.5
    return {
        "mosaic_energy": energy,
        "localisation": np.divide(energy - 0.5, room, out=np.full_like(room, np.nan), where=room > 1e-6),
        "pointing_game": np.mean([points_inside(*side) for side in sides], axis=0),
    }
