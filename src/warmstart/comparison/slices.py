"""Slices: the accuracy on parts of the test photos, each against all other test photos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.photo_properties import PhotoProperties, read_photo_properties
from warmstart.comparison.slice_messages import quarter_text, range_text
from warmstart.evaluation.prediction_table import pair_correct
from warmstart.records.slices import SliceRow
from warmstart.statistics.independent_tests import fisher_test, independent_difference
from warmstart.statistics.intervals import CONFIDENCE
from warmstart.statistics.multiple_tests import holm
from warmstart.statistics.proportions import wilson_interval
from warmstart.statistics.sample_size import detectable_shortfall

MIN_PHOTOS = 20  # of a slice and of the others, to be tested
QUARTERS = 4
MAX_KINDS = 20  # values of a property that is no number; one with more, such as a camera's serial number, is left out


@dataclass(frozen=True, eq=False)
class Slice:
    """Some of N photos. inside: bool (N,). quarter, low, high: of a property that is a number, as in ``SliceRow``."""

    property: str
    value: str
    inside: np.ndarray
    spurious: bool = False
    quarter: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class RecipeSlices:
    """rows: the lowest accuracy first, then those too small to be tested. tests: how many there were, a part and its
    complement counting once. detectable: about how far below the others a quarter of the photos must be to be found
    clear by a first test in 80 % of cases; None where even 0 % would not be, or a quarter is too small to be tested.
    """

    rows: list[SliceRow]
    tests: int
    detectable: float | None

    @property
    def worse(self) -> list[SliceRow]:
        """Slices that are clearly worse than the other photos, the lowest accuracy first."""
        return [row for row in self.rows if row.clear and (row.difference or 0.0) < 0]


def slice_recipes(
    root: Path, finished: Sequence[FinishedRecipe], classes: Sequence[str], confidence: float = CONFIDENCE
) -> dict[str, RecipeSlices]:
    """The slices of each recipe. root: the dataset's folder. Raises UserError for damaged files."""
    table = finished[0].predictions
    measured = read_photo_properties(root, table.paths)
    slices = list(make_slices(table.labels, classes, measured))
    return {
        recipe.name: measure_slices(recipe.name, slices, pair_correct(table, recipe.predictions)[1], confidence)
        for recipe in finished
    }


def make_slices(labels: np.ndarray, classes: Sequence[str], measured: PhotoProperties) -> Iterator[Slice]:
    """The slices of N photos with ``labels``, int64 (N,): by class, by quarters of each number and by each kind. What
    holds all photos, or none, is no slice.
    """
    for label, name in enumerate(classes):
        yield from _proper(Slice("class", name, labels == label))
    for name, values in measured.numbers.items():
        known = np.isfinite(values)
        if not known.any():
            continue
        bins = np.full(len(values), -1)
        # By the mean rank of equal values: they stay together, also where one value is that of most photos.
        bins[known] = (QUARTERS * (rankdata(values[known]) - 0.5) / known.sum()).astype(np.int64)
        numbers = np.unique(bins[known])
        for number in numbers:
            inside = bins == number
            low, high = float(values[inside].min()), float(values[inside].max())
            quarter = int(number) + 1 if len(numbers) == QUARTERS else None
            text = quarter_text(quarter, range_text(name, low, high))
            yield from _proper(Slice(name, text, inside, name in measured.spurious, quarter, low, high))
    for name, words in measured.kinds.items():
        kinds = [str(kind) for kind in np.unique(words) if kind]
        if len(kinds) <= MAX_KINDS:
            for kind in kinds:
                yield from _proper(Slice(name, kind, words == kind, name in measured.spurious))


def measure_slices(
    recipe: str, slices: Sequence[Slice], correct: np.ndarray, confidence: float = CONFIDENCE
) -> RecipeSlices:
    """The accuracy on each slice of N photos. correct: bool (N,), whether the recipe is right.

    A slice of fewer than ``MIN_PHOTOS``, or that leaves fewer, is not tested. With two classes, the one is better where
    the other is worse, by the same test: it is counted once in Holm's correction.
    """
    tests: dict[bytes, float] = {}
    for one in slices:
        if _testable(one):
            n, right = int(one.inside.sum()), int(correct[one.inside].sum())
            tests[_key(one)] = fisher_test(right, n, int(correct.sum()) - right, len(correct) - n)
    corrected = dict(zip(tests, holm(list(tests.values())), strict=True))
    rows = [_row(recipe, one, correct, tests.get(_key(one)), corrected.get(_key(one)), confidence) for one in slices]
    rows.sort(key=lambda row: (row.p is None, row.accuracy, row.property, row.low or 0.0, row.value))
    quarter, level = len(correct) // QUARTERS, (1 - confidence) / max(1, len(tests))
    share, smallest = float(correct.mean()), None
    if quarter >= MIN_PHOTOS:
        smallest = detectable_shortfall(share, quarter, len(correct) - quarter, level)
    return RecipeSlices(rows, len(tests), smallest)


def _row(
    recipe: str, one: Slice, correct: np.ndarray, p: float | None, corrected: float | None, confidence: float
) -> SliceRow:
    n, right = int(one.inside.sum()), int(correct[one.inside].sum())
    accuracy = wilson_interval(right, n, confidence)
    gap = independent_difference(right, n, int(correct.sum()) - right, len(correct) - n, confidence)
    clear = corrected is not None and corrected < 1 - confidence and (gap.low > 0 or gap.high < 0)
    return SliceRow(
        recipe=recipe,
        property=one.property,
        value=one.value,
        quarter=one.quarter,
        low=one.low,
        high=one.high,
        n=n,
        right=right,
        accuracy=accuracy.value,
        accuracy_low=accuracy.low,
        accuracy_high=accuracy.high,
        difference=None if p is None else gap.value,
        difference_low=None if p is None else gap.low,
        difference_high=None if p is None else gap.high,
        p=p,
        p_corrected=corrected,
        clear=clear,
        spurious=one.spurious,
    )


def _proper(one: Slice) -> list[Slice]:
    return [one] if 0 < one.inside.sum() < len(one.inside) else []


def _testable(one: Slice) -> bool:
    n = int(one.inside.sum())
    return min(n, len(one.inside) - n) >= MIN_PHOTOS


def _key(one: Slice) -> bytes:
    """The same for a part and its complement."""
    return (one.inside if one.inside[0] else ~one.inside).tobytes()
