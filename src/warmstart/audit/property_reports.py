"""How well each single property of a photo, such as its brightness or file size, predicts the class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from warmstart.audit.properties import PROPERTIES, properties
from warmstart.audit.scan import Scan
from warmstart.records.audit import PropertySeparation, Severity
from warmstart.statistics.proportions import proportion_test
from warmstart.statistics.ranks import ClassAuroc, delong_interval, one_vs_rest_aurocs

MIN_PHOTOS = 8  # of a class, and of the others
ALPHA = 0.01  # that any one of all tests is a false alarm, by Bonferroni
# Effects |AUROC - 0.5| of two classes; with thousands of photos the least difference is beyond chance.
LOOK_EFFECT, STOP_EFFECT = 0.15, 0.30
# Of many classes, one is always somewhat darker than the rest: there it takes more.
LOOK_EFFECT_OF_MANY, STOP_EFFECT_OF_MANY = 0.30, 0.45
# Gains, shares of the way from guessing to certainty: what two classes with those effects have, whatever the order of
# the values; all photos of one class may be 500 pixels wide, those of the other 400 or 600.
LOOK_GAIN, STOP_GAIN = 0.20, 0.45
CV_PARTS = 5
MAX_BINS, PHOTOS_PER_BIN = 20, 10


@dataclass(frozen=True)
class PropertyReport:
    """How well one property predicts the class.

    value: the format or mode that it is about, where it is about one. best: the class that it separates best. low,
    high: the interval of best.auroc. accuracy: of predicting by it alone, cross-validated; None where some class has
    fewer units than there are parts. majority: of always predicting the most frequent class. n: photos.
    auroc_significant, accuracy_significant: beyond chance. classes: how many.
    """

    name: str
    value: str
    best: ClassAuroc
    low: float
    high: float
    accuracy: float | None
    majority: float
    n: int
    auroc_significant: bool
    accuracy_significant: bool
    classes: int

    @property
    def gain(self) -> float:
        """The share of the way from guessing to certainty, at most 1."""
        if self.accuracy is None or self.majority >= 1:
            return 0.0
        return (self.accuracy - self.majority) / (1 - self.majority)

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        look, stop = (LOOK_EFFECT, STOP_EFFECT) if self.classes == 2 else (LOOK_EFFECT_OF_MANY, STOP_EFFECT_OF_MANY)
        effect = self.best.effect if self.auroc_significant else 0.0
        gain = self.gain if self.accuracy_significant else 0.0
        if effect >= stop or gain >= STOP_GAIN:
            return "stop"
        return "look" if effect >= look or gain >= LOOK_GAIN else "fine"

    @property
    def directed(self) -> bool:
        """Whether one class has higher or lower values than the others."""
        look = LOOK_EFFECT if self.classes == 2 else LOOK_EFFECT_OF_MANY
        return self.auroc_significant and self.best.effect >= look

    def record(self, scan: Scan) -> PropertySeparation:
        """The report as audit.json has it."""
        return PropertySeparation(
            property=self.name,
            value=self.value,
            class_name=scan.classes[self.best.label],
            auroc=round(self.best.auroc, 4),
            low=round(self.low, 4),
            high=round(self.high, 4),
            accuracy=None if self.accuracy is None else round(self.accuracy, 4),
            majority=round(self.majority, 4),
            n=self.n,
            beyond_chance=self.auroc_significant or self.accuracy_significant,
            severity=self.severity,
        )


class _Candidate(NamedTuple):
    """rows: int64 (M,), of the photos that have the property. values: float (M,)."""

    name: str
    value: str
    rows: np.ndarray
    values: np.ndarray


def property_reports(scan: Scan) -> list[PropertyReport]:
    """A report of each property, on the photos that are not left out. Of format and mode, the value that separates
    best.
    """
    classes = len(scan.classes)
    tests = [
        (one, one_vs_rest_aurocs(one.values, scan.labels[one.rows], classes, min_count=MIN_PHOTOS))
        for one in _candidates(scan)
        if one.values.min() < one.values.max()
    ]
    tests_made = len(tests) + sum(len(aurocs) for _, aurocs in tests)  # accuracies and areas
    reports: dict[str, PropertyReport] = {}
    for one, aurocs in tests:
        if not aurocs:
            continue
        best = max(aurocs, key=lambda auroc: (auroc.p * tests_made < ALPHA, auroc.effect))
        significant = best.p * tests_made < ALPHA
        before = reports.get(one.name)
        if before and (before.auroc_significant, before.best.effect) >= (significant, best.effect):
            continue
        labels, units, n = scan.labels[one.rows], scan.units[one.rows], len(one.rows)
        majority = float(np.bincount(labels).max() / n)
        accuracy = None
        if min(len(np.unique(units[labels == label])) for label in np.unique(labels)) >= CV_PARTS:
            accuracy = cross_validated_accuracy(
                one.values, labels, units, classes, categorical=not PROPERTIES[one.name].axis
            )
        low, high = delong_interval(one.values, labels == best.label)
        reports[one.name] = PropertyReport(
            name=one.name,
            value=one.value,
            best=best,
            low=low,
            high=high,
            accuracy=accuracy,
            majority=majority,
            n=n,
            auroc_significant=significant,
            accuracy_significant=accuracy is not None and proportion_test(accuracy, majority, n) * tests_made < ALPHA,
            classes=classes,
        )
    return list(reports.values())


def cross_validated_accuracy(
    values: np.ndarray, labels: np.ndarray, units: np.ndarray, classes: int, *, categorical: bool
) -> float:
    """The share of photos whose class is predicted right from ``values`` (float (N,)) alone: their range is cut into
    bins, and each photo is given the most frequent class of its bin among the other four fifths. Photos of one unit
    stay together.

    categorical: that each value is a bin of its own.
    """
    if categorical:
        bins = np.unique(values, return_inverse=True)[1]
    else:
        number = int(np.clip(len(values) // (PHOTOS_PER_BIN * classes), 2, MAX_BINS))
        edges = np.unique(np.quantile(values, np.arange(1, number) / number))
        bins = np.searchsorted(edges, values, side="right")
    distinct, unit = np.unique(units, return_inverse=True)
    part = np.random.default_rng(0).permutation(np.arange(len(distinct)) % CV_PARTS)[unit]
    counts = np.zeros((CV_PARTS, int(bins.max()) + 1, classes))
    np.add.at(counts, (part, bins, labels), 1)
    others = counts.sum(0) - counts
    # An empty bin predicts the most frequent class of all.
    others += 1e-6 * others.sum(1, keepdims=True)
    return float((others.argmax(-1)[part, bins] == labels).mean())


def _candidates(scan: Scan) -> Iterator[_Candidate]:
    for name, values in properties(scan).items():
        rows = np.flatnonzero(np.isfinite(values))
        yield _Candidate(name, "", rows, values[rows])
    rows = np.flatnonzero(scan.usable & scan.measured)
    if not len(rows):
        return
    for name, words in scan.words.items():
        kinds, counts = np.unique(words[rows], return_counts=True)
        # Of two kinds, the second mirrors the first.
        for kind in kinds[counts >= MIN_PHOTOS][: None if len(kinds) > 2 else 1]:
            yield _Candidate(name, str(kind), rows, (words[rows] == kind).astype(np.float64))
    copied = {path for pair in scan.record.near or [] for path in (pair.a, pair.b)}
    yield _Candidate("near_copies", "", rows, np.array([scan.paths[row] in copied for row in rows], dtype=np.float64))
