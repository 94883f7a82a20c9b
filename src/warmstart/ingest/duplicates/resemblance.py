"""Whether two images show the same photo, judged on their pixels."""

from __future__ import annotations

import numpy as np

from warmstart.ingest.duplicates.alignment import align

GRID, MIDDLE, CELLS = 32, 16, 8  # the scales at which images are compared
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
FINE = 1.5  # grey levels by which pixels of a busy cell differ from their neighbours
BUSY = 0.5  # of the cells; an image with fewer busy ones is too plain to be recognised in a changed copy
GATE = 0.6  # correlation below which aligning is not tried
# A copy: correlation of the 16 × 16 and of the fine detail, largest difference of a cell of the 8 × 8 in standard
# deviations.
ALIKE, ALIKE_IN_DETAIL, APART = 0.96, 0.85, 0.6
TINT = 8.0  # levels by which the colours of two copies differ at most on average
EQUAL = 4.0  # levels, for plain images


def small_copies(images: np.ndarray) -> np.ndarray:
    """uint8 (n, H, H, 1 or 3) as float32 (n, 32, 32, 3) of 0 to 255: means over areas."""
    shrink = _areas(images.shape[1])
    colours = np.moveaxis(images, 3, 1).astype(np.float32)
    small = np.moveaxis(shrink @ colours @ shrink.T, 1, 3)
    return np.ascontiguousarray(np.broadcast_to(small, (*small.shape[:3], 3)))


def resemble(a: np.ndarray, b: np.ndarray, plain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether each of ``a`` and its fellow in ``b`` are copies of one photo: small copies (n, 32, 32, 3) → bool (n,),
    correlation (n,).

    plain: bool (n,), which of them to treat as images of little detail whatever they show.

    A copy may be recompressed, resized, brighter or darker, of more or less contrast, grey, cropped, turned or framed a
    little, and the top or bottom eighth may be covered by a caption. What it must have in common is the coarse picture
    (correlation), no place that differs much (so the same scene with something else in it is not a copy), the fine
    detail and, where both have any, the colour. Images with little detail (flat, a gradient, a shape on white, a digit)
    must be equal to within four levels everywhere. correlation: of the 16 × 16 grey means, -1 to 1, 0 where an image is
    flat; for copies of the view that made them copies.
    """
    grey_a, grey_b = a @ LUMA, b @ LUMA
    whole = np.ones_like(grey_a)
    same = np.abs(_cells(a) - _cells(b)).max(axis=(1, 2, 3)) <= EQUAL
    correlation = _correlate(_means(grey_a, MIDDLE), _means(grey_b, MIDDLE), _means(whole, MIDDLE))
    rich = np.flatnonzero(_busy(grey_a) & _busy(grey_b) & ~plain & ~same & _same_colours(a, b))
    best = np.full(len(a), -1.0, dtype=np.float32)
    for warped in (False, True):
        if warped:
            rich = rich[~same[rich] & (best[rich] >= GATE)]
        first, second, inside = grey_a[rich], grey_b[rich], whole[rich]
        if warped and len(rich):
            second, inside = align(first, second)
        for view in _views():
            alike, found = _copies(first, second, inside * view)
            correlation[rich] = np.where(alike & (~same[rich] | (found > correlation[rich])), found, correlation[rich])
            same[rich] |= alike
            best[rich] = np.maximum(best[rich], found)
    return same, correlation


def _copies(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grey images (n, 32, 32), compared where ``weight`` is 1, brightness and contrast set aside: whether copies, and
    their correlation.
    """
    share = _means(weight, MIDDLE)
    coarse = _correlate(_weighted(a, weight, MIDDLE), _weighted(b, weight, MIDDLE), share * (share > 0.5))
    fine = _correlate(_detail(a, weight), _detail(b, weight), weight)
    differences = (_standard(a, weight) - _standard(b, weight)) * weight
    covered = _means(weight, CELLS)
    apart = np.abs(_means(differences, CELLS) / np.maximum(covered, 1e-6)) * (covered > 0.4)
    return (coarse >= ALIKE) & (fine >= ALIKE_IN_DETAIL) & (apart.max(axis=(1, 2)) <= APART), coarse


def _same_colours(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """bool (n,): the colours agree, or one of the two is grey."""
    tints = [_cells(image[..., [0, 2]] - (image @ LUMA)[..., None]) for image in (a, b)]
    grey = np.minimum(*(np.abs(tint).mean(axis=(1, 2, 3)) for tint in tints)) < 3
    agree: np.ndarray = grey | (np.abs(tints[0] - tints[1]).mean(axis=(1, 2, 3)) <= TINT)
    return agree


def _busy(grey: np.ndarray) -> np.ndarray:
    """bool (n,): enough of the image has fine detail: pixels that differ from the mean of their neighbours, as on no
    even slope.
    """
    rough = np.zeros_like(grey)
    rough[:, 1:-1, 1:-1] = (
        grey[:, 1:-1, 1:-1] - (grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]) / 4
    )
    busy: np.ndarray = (_means(rough**2, CELLS) > FINE**2).mean(axis=(1, 2)) >= BUSY
    return busy


def _views() -> list[np.ndarray]:
    """The whole image, and without the bottom or the top eighth."""
    views = [np.ones((GRID, GRID), dtype=np.float32) for _ in range(3)]
    views[1][-GRID // 8 :] = 0
    views[2][: GRID // 8] = 0
    return views


def _areas(size: int) -> np.ndarray:
    """float32 (32, size): which share of each pixel lies in each of 32 equal parts, rows adding up to 1."""
    edges, pixel = np.arange(GRID + 1) * size / GRID, np.arange(size)
    shared = np.clip(np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel), 0, None)
    areas: np.ndarray = (shared / shared.sum(axis=1, keepdims=True)).astype(np.float32)
    return areas


def _means(grey: np.ndarray, cells: int) -> np.ndarray:
    side = GRID // cells
    means: np.ndarray = grey.reshape(len(grey), cells, side, cells, side).mean(axis=(2, 4))
    return means


def _cells(image: np.ndarray) -> np.ndarray:
    """Means of (n, 32, 32, C) over 8 × 8 cells: (n, 8, 8, C)."""
    side = GRID // CELLS
    means: np.ndarray = image.reshape(len(image), CELLS, side, CELLS, side, -1).mean(axis=(2, 4))
    return means


def _weighted(grey: np.ndarray, weight: np.ndarray, cells: int) -> np.ndarray:
    means: np.ndarray = _means(grey * weight, cells) / np.maximum(_means(weight, cells), 1e-6)
    return means


def _detail(grey: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What is left of each pixel when the mean of its cell is taken away."""
    side = GRID // CELLS
    detail: np.ndarray = (grey - _weighted(grey, weight, CELLS).repeat(side, axis=1).repeat(side, axis=2)) * weight
    return detail


def _standard(grey: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1 over the weighted pixels; a flat image becomes 0."""
    total = weight.sum(axis=(1, 2), keepdims=True)
    centred = grey - (grey * weight).sum(axis=(1, 2), keepdims=True) / total
    spread = np.sqrt((centred**2 * weight).sum(axis=(1, 2), keepdims=True) / total)
    standard: np.ndarray = np.where(spread > 1e-3, centred / np.maximum(spread, 1e-3), 0)
    return standard


def _correlate(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each pair (n, s, s) where weighted: (n,)."""
    products = _standard(a, weight) * _standard(b, weight) * weight
    correlation: np.ndarray = products.sum(axis=(1, 2)) / weight.sum(axis=(1, 2))
    return correlation
