"""The stage ``learning_curve``: a recipe trained on parts of the training images, and its test predictions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from warmstart.comparison.learning_curve import messages
from warmstart.comparison.learning_curve.finished_curve import ORIGIN_FILE, POINTS_FILE, PROBABILITIES_FILE
from warmstart.comparison.learning_curve.points import Axes, Point, all_points
from warmstart.comparison.learning_curve.train_points import Places, Training, train_points
from warmstart.config.learning_curve import NO_FOLDS
from warmstart.config.schema import LearningCurveOptions, Recipe
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir
from warmstart.records.learning_curve import CurveOrigin, PointRow

log = logging.getLogger(__name__)


def learning_curve(
    recipes: Sequence[Recipe],
    options: LearningCurveOptions,
    make: Callable[[Point], Training],
    *,
    seed: int,
    places: Places,
    out_dir: Path,
) -> list[PointRow]:
    """Replace ``out_dir`` by origin.json, points.csv and probabilities.npy; returns the lines of points.csv.

    recipes: the one that the curve is of, last, and before it those that it starts from, which are trained at every
    size too. make: the training of a point. seed: the first one. Raises UserError, also for images in folds.
    """
    *before, recipe = recipes
    store = ImageStore(places.images)
    if store.folds > 1:
        raise UserError(NO_FOLDS)
    if before:
        log.info(messages.STARTS_TOO, recipe.name, before[-1].name)
    points = all_points({one.name: one.starts_from for one in recipes}, options, seed)
    finished = train_points(points, make, places)
    axes, labels = Axes.of(points), store.labels("test")
    own = [finished[recipe.name, share, number] for share in axes.shares for number in axes.seeds]
    rows = [
        PointRow(accuracy=float((point.probabilities.argmax(axis=1) == labels).mean()), **asdict(point.record))
        for point in own
    ]
    with replace_dir(out_dir) as out:
        CurveOrigin(recipe.name, recipe.family, store.digest, axes.shares, axes.seeds).write(  # type: ignore[arg-type]
            out / ORIGIN_FILE
        )
        PointRow.write_rows(out / POINTS_FILE, rows)
        np.save(out / PROBABILITIES_FILE, np.stack([point.probabilities for point in own]))
    for at, share in enumerate(axes.shares):
        by_seed = rows[at * len(axes.seeds) : (at + 1) * len(axes.seeds)]
        mean = np.mean([row.accuracy for row in by_seed])
        log.info(messages.SIZE_FINISHED, recipe.name, by_seed[0].n, 100 * share, 100 * mean, len(by_seed))
    return rows
