"""Measures of maps: how much speaks for the class, how spread it is and how far out; and means over many images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from warmstart.dataset.row_array import Rows
from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.gradcam import upsample
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


@dataclass(frozen=True)
class ErrorInterval(Interval):
    """An interval of a statistic that compares wrong with right images, and how many are wrong."""

    n_wrong: int


MeanIntervals = dict[str, Interval | None]


@dataclass(frozen=True)
class MapStatistics:
    """Means of ``measure_maps`` with 95 % bootstrap intervals, over the maps for the predicted class.

    n, n_wrong: of the sample, which ``all`` is about. more_wrong: further errors, which ``right``, ``wrong`` and their
    difference take in. blank: maps of zeros in the sample. cells: of a map. finds_errors: how well a measure separates
    wrong from right, as an AUROC: 0.5 is chance. why_not: why nothing is said of errors.
    """

    n: int
    n_wrong: int
    more_wrong: int
    blank: int
    cells: int
    border_area: float
    centre_area: float
    all: MeanIntervals
    right: MeanIntervals
    wrong: MeanIntervals | None
    wrong_minus_right: dict[str, ErrorInterval | None] | None
    finds_errors: dict[str, ErrorInterval | None] | None
    why_not: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain data; ``why_not`` only where there is a reason."""
        plain = asdict(self)
        return plain if self.why_not else {key: value for key, value in plain.items() if key != "why_not"}


def describe_maps(sample: Sequence[Attribution], more_wrong: Sequence[Attribution], seed: int) -> MapStatistics:
    """Statistics of a sample of test images, balanced over the classes; never empty.

    more_wrong: further errors, because a good recipe makes few in a sample.
    """
    everything = [*sample, *more_wrong]
    values = measure_maps(np.stack([e.predicted for e in everything]))
    wrong = np.array([e.example.wrong for e in everything])
    n_wrong = int(wrong.sum())
    enough = n_wrong >= MIN_WRONG
    # An error should have less confidence, more conflict and more border.
    signals = {**values, "confidence": np.array([-e.example.p for e in everything])}

    def difference(v: np.ndarray) -> ErrorInterval | None:
        def statistic(rows: np.ndarray) -> float:
            x, w = v[rows], wrong[rows]
            return float(x[w].mean() - x[~w].mean()) if w.any() and not w.all() else float("nan")

        return _bootstrap(statistic, v, wrong, seed)

    def finds(v: np.ndarray) -> ErrorInterval | None:
        return _bootstrap(lambda rows: auroc(v[rows], wrong[rows]), v, wrong, seed)

    return MapStatistics(
        n=len(sample),
        n_wrong=int(wrong[: len(sample)].sum()),
        more_wrong=len(more_wrong),
        blank=int(np.isnan(values["positive_share"][: len(sample)]).sum()),
        cells=int(everything[0].predicted.size),
        border_area=BORDER_AREA,
        centre_area=CENTRE_AREA,
        all={key: mean_interval(v[: len(sample)], seed) for key, v in values.items()},
        right={key: mean_interval(v[~wrong], seed) for key, v in values.items()},
        wrong={key: mean_interval(v[wrong], seed) for key, v in values.items()} if enough else None,
        wrong_minus_right={key: difference(v) for key, v in values.items()} if enough else None,
        finds_errors={key: finds(signals[key]) for key in ERROR_SIGNALS} if enough else None,
        why_not=None if enough else f"{n_wrong} of {len(everything)} images are wrong; it takes {MIN_WRONG}",
    )


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
    return np.asarray(sums / np.maximum(counts, 1)[:, None, None], dtype=np.float32), counts


def mean_photos(sample: Sequence[Attribution], images: Rows, n_classes: int) -> np.ndarray:
    """The mean photo of each class, uint8 (classes, H, W, C); white for a class without images."""
    sums, counts = np.zeros((n_classes, *images.shape[1:])), np.zeros(n_classes, dtype=int)
    for e in sample:
        sums[e.example.true] += images[e.example.row]
        counts[e.example.true] += 1
    photos: np.ndarray = np.rint(sums / np.maximum(counts, 1)[:, None, None, None]).astype(np.uint8)
    photos[counts == 0] = 255
    return photos


def mean_interval(values: np.ndarray, seed: int) -> Interval | None:
    """The mean of values, one an image, with its bootstrap interval. NaN is left out; None where nothing is left."""
    known = values[~np.isnan(values)]
    return bootstrap_mean(known, seed=seed) if len(known) else None


def _bootstrap(
    statistic: Callable[[np.ndarray], float], values: np.ndarray, wrong: np.ndarray, seed: int
) -> ErrorInterval | None:
    """The interval of a statistic over the images that have the value; None unless some are right and some wrong."""
    rows = np.flatnonzero(~np.isnan(values))
    if not 0 < wrong[rows].sum() < len(rows):
        return None
    interval = bootstrap(lambda drawn: statistic(rows[drawn]), len(rows), seed=seed)
    return ErrorInterval(interval.value, interval.low, interval.high, interval.n, n_wrong=int(wrong[rows].sum()))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    out = np.full(len(whole), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out
