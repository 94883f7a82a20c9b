"""The demonstration of augmentation: random samples of one photo, with all transformations and with each alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from warmstart.config.schema import Augment
from warmstart.dataset.augmentation import Augmentation
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import Tile, draw_sheet, in_rows
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir
from warmstart.lesson import messages
from warmstart.records.lesson import LessonFigures

N_SAMPLES, N_CANDIDATES, N_SHOWN = 8, 64, 3
TILE_PX, SMALL_TILE_PX = 190, 150
FRAME = (0, 114, 178)


@dataclass(frozen=True)
class TransformMetrics:
    """range: in words. from_the_photo: mean difference of the candidates from the photo."""

    range: str
    from_the_photo: float


@dataclass(frozen=True)
class AugmentationMetrics:
    """The content of augmentation.json. Differences are mean absolute ones, in grey levels from 0 to 255.
    between_draws, least_between_draws: mean and least difference of two samples. each: by transformation that is on.
    """

    image: str
    options: Augment
    draws: int
    between_draws: float
    least_between_draws: float
    from_the_photo: float
    each: dict[str, TransformMetrics] = field(default_factory=dict)


def write_augmentation(image: np.ndarray, options: Augment, seed: int, folder: Path, name: str) -> AugmentationMetrics:
    """Write ``folder`` anew: draws.png (the photo and eight samples), each.png (each transformation alone) and
    augmentation.json.

    image: uint8 (H, W, 1 or 3). options: as for training; its own ``Augmentation`` makes the samples. name: of the
    photo on the sheets. Raises UserError where the options change nothing.
    """
    if options == Augment():
        raise UserError(
            "this recipe has no augmentation to show: choose one that has, recipe=scratch_augmented, or augment=lesson"
        )
    samples = augment_copies(image, options, (seed, 0, 0), N_SAMPLES)
    pairs = [difference(a, b) for a, b in combinations(samples, 2)]
    metrics = AugmentationMetrics(
        image=name,
        options=options,
        draws=N_SAMPLES,
        between_draws=float(np.mean(pairs)),
        least_between_draws=float(np.min(pairs)),
        from_the_photo=_mean_difference(image, samples),
    )
    tiles = [Tile(image, "the photo", FRAME), *(Tile(s, f"draw {i}") for i, s in enumerate(samples, 1))]
    note = messages.SAMPLES_NOTE.format(metrics.between_draws, metrics.least_between_draws)
    sheet = draw_sheet(in_rows(tiles, 3), messages.SAMPLES.format(name), note, side=TILE_PX)
    rows, labels = [], []
    on = [option.name for option in fields(options) if getattr(options, option.name)]
    for index, key in enumerate(on):
        alone = replace(Augment(), **{key: getattr(options, key)})
        candidates = augment_copies(image, alone, (seed, 1, index), N_CANDIDATES)
        shown = farthest_first(image, candidates, N_SHOWN)
        captions = [f"differs by {difference(image, sample):.0f} of 255" for sample in shown]
        rows.append([Tile(image, "the photo"), *map(Tile, shown, captions)])
        value = getattr(options, key)
        words = messages.TRANSFORM_RANGES[key].format(value, 100 * value, 100 * (1 - value), 100 * (1 + value))
        labels.append(f"{key.replace('_', ' ')}: {words}")
        metrics.each[key] = TransformMetrics(words, _mean_difference(image, candidates))
    note = messages.TRANSFORMS_NOTE.format(N_CANDIDATES, N_SHOWN)
    each = draw_sheet(rows, messages.TRANSFORMS, note, side=SMALL_TILE_PX, labels=labels)
    with replace_dir(folder) as out:
        save_png(sheet, out / "draws.png")
        save_png(each, out / "each.png")
        LessonFigures(asdict(metrics)).write(out / "augmentation.json")
    return metrics


def augment_copies(image: np.ndarray, options: Augment, key: tuple[int, ...], n: int) -> np.ndarray:
    """``n`` samples of one image, uint8 (n, H, W, C), as a training batch of ``n`` copies would get them."""
    return Augmentation(options)(np.repeat(image[None], n, axis=0), key)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of two uint8 images, in grey levels."""
    return float(np.abs(a.astype(np.int16) - b).mean())


def farthest_first(image: np.ndarray, samples: np.ndarray, n: int) -> list[np.ndarray]:
    """At most ``n`` different samples, each the farthest from the image and from those chosen before.

    T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science 38, 1985.
    """
    nearest = np.array([difference(image, sample) for sample in samples])
    chosen: list[np.ndarray] = []
    while len(chosen) < n and nearest.max() > 0:
        chosen.append(samples[int(nearest.argmax())])
        nearest = np.minimum(nearest, [difference(chosen[-1], sample) for sample in samples])
    return chosen


def _mean_difference(image: np.ndarray, samples: np.ndarray) -> float:
    return float(np.mean([difference(image, sample) for sample in samples]))
