"""Where the evidence for each class lies on average."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from warmstart.dataset.row_array import Rows
from warmstart.drawing.colour import signed_over
from warmstart.drawing.sheet import GAP, MARGIN, Tile, draw_sheet, square
from warmstart.interpretation.cam.explain import Explained
from warmstart.interpretation.cam.maps import enlarge

# As wide as the galleries, so that a page that shows them side by side enlarges neither.
WIDTH = 1040
FEW = 4  # classes up to which each has a row of its own
MOST = 36


def mean_maps(sample: Sequence[Explained], n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean map of each class over the images of that class, float32 (classes, h, w), and how many those are.

    Each is the map for the image's true class, divided by its mass (sum of absolute values) so that every image counts
    alike; a map of zeros, and a class without images, is 0 everywhere.
    """
    h, w = sample[0].true.shape
    sums, counts = np.zeros((n_classes, h, w)), np.zeros(n_classes, dtype=int)
    for e in sample:
        mass = float(np.abs(e.true).sum())
        sums[e.example.true] += e.true / mass if mass > 0 else 0
        counts[e.example.true] += 1
    means: np.ndarray = (sums / np.maximum(counts, 1)[:, None, None]).astype(np.float32)
    return means, counts


def mean_photos(sample: Sequence[Explained], images: Rows, n_classes: int) -> np.ndarray:
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
    """Each class as three tiles side by side: its mean photo, its mean map over it, and what sets that map apart.

    means: float32 (classes, h, w). counts: (classes,). photos: uint8 (classes, H, W, C).
    """
    shown = np.flatnonzero(counts)[:MOST]
    others = (means[counts > 0].sum(0) - means) / max(1, int((counts > 0).sum()) - 1)
    apart = means - others
    scale, apart_scale = (float(np.abs(m[shown]).max(initial=0)) or 1.0 for m in (means, apart))
    abreast = 1 if len(shown) <= FEW else 2
    side = (WIDTH - 2 * MARGIN) // (3 * abreast) - GAP
    triples: list[list[Tile | None]] = []
    for c in shown:
        grey = np.asarray(square(photos[c], side), dtype=np.float64).mean(axis=2)
        over = [
            Tile(signed_over(grey, enlarge(m[c : c + 1], side)[0] / end))
            for m, end in ((means, scale), (apart, apart_scale))
        ]
        triples.append([Tile(photos[c], f"{classes[c]}, n = {counts[c]}"), *over])
    rows = [[tile for triple in triples[i : i + abreast] for tile in triple] for i in range(0, len(triples), abreast)]
    note = "Maps for the true class, each divided by its mass so that every image counts alike. "
    note += f"Full colour: {100 * scale:.2g} % of the mass in one of {means[0].size} cells; in the last column {100 * apart_scale:.2g} %."
    more = len(np.flatnonzero(counts)) - len(shown)
    if not float(np.abs(means).max(initial=0)):
        note = "No evidence: every map is zero. " + note
    other = "the other class's" if len(means) == 2 else "the others' mean"
    columns = ["mean photo", "for (red), against (blue)", f"minus {other}"] * min(abreast, len(triples))
    return draw_sheet(
        rows, title, note + (f" {more} more classes are not shown." if more > 0 else ""), side=side, columns=columns
    )
