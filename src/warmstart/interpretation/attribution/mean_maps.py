"""The mean map of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from warmstart.data.rows import Rows
from warmstart.drawing.colour import signed_over
from warmstart.drawing.sheet import GAP, MARGIN, Tile, draw_sheet, square
from warmstart.interpretation.attribution import captions
from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.gradcam import upsample

WIDTH_PX = 1040  # as wide as the galleries, so that a page that shows them side by side enlarges neither
MAX_CLASSES_ONE_COLUMN, MAX_CLASSES = 4, 36


def mean_maps(sample: Sequence[Attribution], n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean map of each class over the images of that class, float32 (classes, h, w), and how many those are.

    Each is the map for the image's true class, divided by its mass (sum of absolute values) so that every image counts
    alike. A map of zeros, and a class without images, is 0 everywhere.
    """
    sums, counts = np.zeros((n_classes, *sample[0].true.shape)), np.zeros(n_classes, dtype=int)
    for e in sample:
        mass = float(np.abs(e.true).sum())
        sums[e.example.true] += e.true / mass if mass > 0 else 0
        counts[e.example.true] += 1
    means: np.ndarray = (sums / np.maximum(counts, 1)[:, None, None]).astype(np.float32)
    return means, counts


def mean_photos(sample: Sequence[Attribution], images: Rows, n_classes: int) -> np.ndarray:
    """The mean photo of each class, uint8 (classes, H, W, C); white for a class without images."""
    sums, counts = np.zeros((n_classes, *images.shape[1:])), np.zeros(n_classes, dtype=int)
    for e in sample:
        sums[e.example.true] += images[e.example.row]
        counts[e.example.true] += 1
    photos: np.ndarray = np.rint(sums / np.maximum(counts, 1)[:, None, None, None]).astype(np.uint8)
    photos[counts == 0] = 255
    return photos


def draw_means(
    means: np.ndarray, counts: np.ndarray, photos: np.ndarray, classes: Sequence[str], title: str
) -> Image.Image:
    """Three tiles a class: its mean photo, its mean map, and the map minus the mean of the other classes' maps.

    means: float32 (classes, h, w). counts: (classes,). photos: uint8 (classes, H, W, C).
    """
    shown = np.flatnonzero(counts)[:MAX_CLASSES]
    others = (means[counts > 0].sum(0) - means) / max(1, int((counts > 0).sum()) - 1)
    apart = means - others
    scale, apart_scale = (float(np.abs(m[shown]).max(initial=0)) or 1.0 for m in (means, apart))
    abreast = 1 if len(shown) <= MAX_CLASSES_ONE_COLUMN else 2
    side = (WIDTH_PX - 2 * MARGIN) // (3 * abreast) - GAP
    triples: list[list[Tile | None]] = []
    for c in shown:
        grey = np.asarray(square(photos[c], side), dtype=np.float64).mean(axis=2)
        maps = ((means, scale), (apart, apart_scale))
        over = [Tile(signed_over(grey, upsample(m[c : c + 1], side)[0] / end)) for m, end in maps]
        triples.append([Tile(photos[c], f"{classes[c]}, n = {counts[c]}"), *over])
    rows = [[tile for triple in triples[i : i + abreast] for tile in triple] for i in range(0, len(triples), abreast)]
    other = "the other class's" if len(means) == 2 else "the others' mean"
    columns = ["mean photo", "for (red), against (blue)", f"minus {other}"] * min(abreast, len(triples))
    not_shown, blank = len(np.flatnonzero(counts)) - len(shown), not np.abs(means).max(initial=0)
    note = captions.mean_maps(scale, apart_scale, means[0].size, not_shown, blank)
    return draw_sheet(rows, title, note, side=side, columns=columns)
