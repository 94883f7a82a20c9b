"""Measures of maps: how much speaks for the class, how spread it is and how far out; and means over many images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from warmstart.dataset.row_array import Rows
from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.gradcam import upsample
from warmstart.records.interpretation import PageFigures
from warmstart.statistics.bootstrap import bootstrap, bootstrap_mean
from warmstart.statistics.intervals import Interval
from warmstart.statistics.ranks import auroc

# Border and centre are parts of the picture, not of the map's cells, so that networks with maps of any size compare.
GRID = 56
BORDER = GRID // 7  # to each side: on a map of 7 × 7 cells, the outer ring
BORDER_AREA = 1 - (1 - 2 * BORDER / GRID) ** 2
CENTRE_AREA = 0.25
CELLS_MASS_SHARE = 0.8
MIN_WRONG = 10  # below so many errors neither their mean nor how well anything finds them is compared
ERROR_SIGNALS = ("conflict", "border_share", "confidence")


def conflict_index(maps: np.ndarray) -> np.ndarray:
    """min(for, against) / (for + against) of maps (N, h, w): in [0, 0.5], (N,); NaN for a map that is 0 everywhere."""
    pro, contra = maps.clip(min=0).sum((1, 2)), (-maps).clip(min=0).sum((1, 2))
    return _ratio(np.minimum(pro, contra), pro + contra)


def measure_maps(maps: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of signed maps, float (N, h, w), each float64 (N,); NaN where a map has nothing to measure.

    positive_share: of the mass. conflict: see ``conflict_index``. Of the evidence alone (what is above 0):
    border_share: in the outer seventh to each side, which is 49 % of the picture; centre_share: in the middle quarter
    of the picture's area; cells: the smallest share of the map's cells that holds 80 % of it.
    """
    maps = maps.astype(np.float64)
    evidence = maps.clip(min=0)
    total = evidence.sum((1, 2))
    fine = upsample(evidence, GRID)
    whole, quarter = fine.sum((1, 2)), GRID // 4
    inner = fine[:, BORDER:-BORDER, BORDER:-BORDER].sum((1, 2))
    centre = fine[:, quarter:-quarter, quarter:-quarter].sum((1, 2))
    falling = np.sort(evidence.reshape(len(maps), -1), axis=1)[:, ::-1].cumsum(axis=1)
    needed = (falling < CELLS_MASS_SHARE * total[:, None]).sum(axis=1) + 1.0
    return {
        "positive_share": _ratio(total, np.abs(maps).sum((1, 2))),
        "conflict": conflict_index(maps),
        "border_share": _ratio(whole - inner, whole),
        "centre_share": _ratio(centre, whole),
        "cells": np.where(total > 0, needed / falling.shape[1], np.nan),
    }


def describe_maps(sample: Sequence[Attribution], more_wrong: Sequence[Attribution], seed: int) -> PageFigures:
    """Statistics of the maps for the predicted class, as plain data: means of ``measure_maps`` with 95 % bootstrap
    intervals.

    sample: test images, balanced over the classes; never empty. more_wrong: further errors, because a good recipe makes
    few in a sample.

    n, n_wrong: of the sample, which ``all`` is about. more_wrong: how many further errors, which ``right``, ``wrong``
    and their difference take in. blank: maps of zeros in the sample. cells: of a map. finds_errors: how well a measure
    separates wrong from right, as an AUROC: 0.5 is chance. n_wrong of an interval: how many of its n are wrong.
    why_not: only where nothing is said of errors, why.
    """
    everything = [*sample, *more_wrong]
    values = measure_maps(np.stack([e.predicted for e in everything]))
    wrong, sampled = np.array([e.example.wrong for e in everything]), slice(len(sample))
    n_wrong = int(wrong.sum())
    enough = n_wrong >= MIN_WRONG
    # An error should have less confidence, more conflict and more border.
    signals = {**values, "confidence": np.array([-e.example.p for e in everything])}

    def means(of: slice | np.ndarray) -> PageFigures:
        return to_plain(mean_intervals({key: v[of] for key, v in values.items()}, seed))

    def compared(statistic: Callable[[np.ndarray, np.ndarray], float], v: np.ndarray) -> PageFigures | None:
        rows = np.flatnonzero(~np.isnan(v))
        if not 0 < wrong[rows].sum() < len(rows):
            return None
        found = bootstrap(lambda drawn: statistic(v[rows[drawn]], wrong[rows[drawn]]), len(rows), seed=seed)
        return {**found.to_dict(), "n_wrong": int(wrong[rows].sum())}

    figures = {
        "n": len(sample),
        "n_wrong": int(wrong[sampled].sum()),
        "more_wrong": len(more_wrong),
        "blank": int(np.isnan(values["positive_share"][sampled]).sum()),
        "cells": int(everything[0].predicted.size),
        "border_area": BORDER_AREA,
        "centre_area": CENTRE_AREA,
        "all": means(sampled),
        "right": means(~wrong),
        "wrong": means(wrong) if enough else None,
        "wrong_minus_right": {key: compared(_difference, v) for key, v in values.items()} if enough else None,
        "finds_errors": {key: compared(auroc, signals[key]) for key in ERROR_SIGNALS} if enough else None,
    }
    why_not = f"{n_wrong} of {len(everything)} images are wrong; it takes {MIN_WRONG}"
    return figures if enough else {**figures, "why_not": why_not}


def mean_maps(sample: Sequence[Attribution], n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean map of each class over the images of that class, float32 (classes, h, w), and how many those are.

    Each is the map for the image's true class, divided by its mass (sum of absolute values) so that every image counts
    alike. A map of zeros, and a class without images, is 0 everywhere.
    """
    masses = [float(np.abs(e.true).sum()) for e in sample]
    alike = [e.true / mass if mass > 0 else np.zeros_like(e.true) for e, mass in zip(sample, masses, strict=True)]
    means, counts = _class_means(sample, alike, n_classes)
    return means.astype(np.float32), counts


def mean_photos(sample: Sequence[Attribution], images: Rows, n_classes: int) -> np.ndarray:
    """The mean photo of each class, uint8 (classes, H, W, C); white for a class without images."""
    means, counts = _class_means(sample, (images[e.example.row] for e in sample), n_classes)
    means[counts == 0] = 255
    return np.asarray(np.rint(means).astype(np.uint8))


def mean_intervals(values: Mapping[str, np.ndarray], seed: int) -> dict[str, Interval | None]:
    """The mean of each metric over images, with its bootstrap interval; None where no image has a value.

    values: of each image, NaN where it has none.
    """
    known = {key: v[~np.isnan(v)] for key, v in values.items()}
    return {key: bootstrap_mean(v, seed=seed) if len(v) else None for key, v in known.items()}


def to_plain(metrics: Mapping[str, Interval | None]) -> PageFigures:
    """Plain data."""
    return {key: found and found.to_dict() for key, found in metrics.items()}


def _class_means(
    sample: Sequence[Attribution], values: Iterable[np.ndarray], n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the values of each true class, float64 (classes, …), 0 for a class without any; and their counts."""
    counts = np.bincount([e.example.label for e in sample], minlength=n_classes)
    sums: dict[int, np.ndarray] = {}
    for e, value in zip(sample, values, strict=True):
        sums[e.example.label] = sums.get(e.example.label, 0.0) + value.astype(np.float64)
    none = np.zeros_like(next(iter(sums.values())))
    return np.stack([sums.get(c, none) / max(counts[c], 1) for c in range(n_classes)]), counts


def _difference(values: np.ndarray, wrong: np.ndarray) -> float:
    both = wrong.any() and not wrong.all()
    return float(values[wrong].mean() - values[~wrong].mean()) if both else float("nan")


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))
