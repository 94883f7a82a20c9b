"""The learning curves that the stage has written, read for the comparison."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.comparison.learning_curve.messages import OTHER_AXES
from warmstart.dataset.image_store import ImageStore
from warmstart.files.reading import damage, reading
from warmstart.records.learning_curve import CurveOrigin, PointRow

log = logging.getLogger(__name__)
FOLDER, ORIGIN_FILE, POINTS_FILE, PROBABILITIES_FILE = (
    "learning_curve",
    "origin.json",
    "points.csv",
    "probabilities.npy",
)


@dataclass(frozen=True)
class FinishedCurve:
    """A recipe's curve. rows: by share and then by seed. probabilities: of the test images, (S, K, N, classes)."""

    origin: CurveOrigin
    rows: list[PointRow]
    probabilities: np.ndarray

    @property
    def sizes(self) -> list[int]:
        """The numbers of training images, ascending."""
        return [row.n for row in self.rows[:: len(self.origin.seeds)]]

    def fits(self, other: FinishedCurve) -> bool:
        """Whether both are of the same images, sizes and seeds."""
        mine, theirs = self.origin, other.origin
        return (mine.dataset_digest, mine.shares, mine.seeds) == (theirs.dataset_digest, theirs.shares, theirs.seeds)


def find_curves(root: Path, recipes: Sequence[str], store: ImageStore) -> list[FinishedCurve]:
    """The curves below ``root/recipes`` of those recipes that have one of the images of ``store``.

    One with other sizes or seeds than the first is left out, with a line in the log. Raises UserError for damage.
    """
    found: list[FinishedCurve] = []
    for name in recipes:
        if not (root / "recipes" / name / FOLDER / ORIGIN_FILE).exists():
            continue
        curve = _read(root / "recipes" / name / FOLDER)
        if curve.origin.dataset_digest != store.digest or (found and not curve.fits(found[0])):
            log.warning(OTHER_AXES, name, found[0].origin.recipe if found else "the prepared images")
            continue
        n_test = len(store.labels("test"))
        if curve.probabilities.shape[2] != n_test:
            raise damage(root / "recipes" / name / FOLDER / PROBABILITIES_FILE, f"it is not of {n_test} images")
        found.append(curve)
    return found


def _read(folder: Path) -> FinishedCurve:
    origin, rows = CurveOrigin.read(folder / ORIGIN_FILE), PointRow.read_rows(folder / POINTS_FILE)
    with reading(file := folder / PROBABILITIES_FILE, "an array of probabilities"):
        probabilities = np.load(file)
    shape = (len(origin.shares), len(origin.seeds))
    if probabilities.ndim != 3 or not len(rows) == len(probabilities) == shape[0] * shape[1]:
        raise damage(file, "it is not of the trainings that origin.json and points.csv name")
    return FinishedCurve(origin, rows, probabilities.reshape(*shape, *probabilities.shape[1:]))
