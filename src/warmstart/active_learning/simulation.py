"""Labelling by the rule and at random, replayed on photos whose labels are known."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from warmstart.active_learning.badge import badge_order
from warmstart.runtime.progress import progress

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

REPETITIONS = 40
ROUNDS = 8
PENALTIES, PENALTY_REPETITIONS = (0.03, 0.3, 3.0, 30.0, 300.0), 4  # in the units of ``loss.ridge``
MIN_START, PER_CLASS = 20, 2  # labelled photos at the start: so many, and so many a class
MIN_GROWTH = 4  # times the photos at the start, at least, for a curve
MAX_PHOTOS = 2000  # of the pool and of the test photos, drawn at random: the time grows with both
MAX_ITERATIONS, TOLERANCE = 300, 1e-3


@dataclass(frozen=True)
class LabelledVectors:
    """Features, float32 (N, D), and labels, int64 (N,)."""

    vectors: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class LabellingCurves:
    """sizes: labelled photos at the start and after each round. random, rule: bool (repetitions, test photos, sizes),
    whether the probe that was trained on them is right.
    """

    sizes: list[int]
    random: np.ndarray
    rule: np.ndarray


def label_counts(photos: int, n_classes: int) -> list[int] | None:
    """How many photos are labelled at the start and after each round, in equal ratios up to half of the photos; beyond,
    the rule and chance have too much in common. None where there are too few photos for a curve.
    """
    start, end = max(MIN_START, PER_CLASS * n_classes), photos // 2
    if end < MIN_GROWTH * start:
        return None
    return sorted({round(float(size)) for size in np.geomspace(start, end, ROUNDS + 1)})


def at_most(photos: int, seed: int) -> np.ndarray:
    """The photos that are simulated with, int64: all, or ``MAX_PHOTOS`` of them at random, in order."""
    return np.sort(np.random.default_rng(seed).permutation(photos)[:MAX_PHOTOS])


def simulate(
    pool: LabelledVectors, test: LabelledVectors, sizes: list[int], penalty: float, repetitions: int = REPETITIONS
) -> LabellingCurves:
    """Start from few labelled photos of the pool, add photos round by round, by the rule and at random, train a linear
    probe on them each time, and test it. Both begin with the same photos.

    A photo of the pool shows its label only when it has been chosen. penalty: of the probe, in the units of
    ``loss.ridge``. Raises ValueError where the pool has one class.
    """
    centre = pool.vectors.mean(axis=0)
    pool = LabelledVectors(pool.vectors - centre, pool.labels)
    test = LabelledVectors(test.vectors - centre, test.labels)
    gram = pool.vectors @ pool.vectors.T
    shape = (repetitions, len(test.labels), len(sizes))
    curves = LabellingCurves(sizes, np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool))
    for repetition in progress(range(repetitions), "labelling by the rule and at random", repetitions):
        for results, products in ((curves.random, None), (curves.rule, gram)):
            for number, right in enumerate(_replay(pool, test, sizes, penalty, repetition, products)):
                results[repetition, :, number] = right
    return curves


def choose_penalty(pool: LabelledVectors, val: LabelledVectors, sizes: list[int]) -> float:
    """Of ``PENALTIES``, the one with which labelling at random is right most often on validation photos, so that the
    rule cannot win by a penalty that is bad for chance; the larger of equal ones. Raises ValueError as ``simulate``.
    """
    centre = pool.vectors.mean(axis=0)
    pool = LabelledVectors(pool.vectors - centre, pool.labels)
    val = LabelledVectors(val.vectors - centre, val.labels)
    right: dict[float, float] = {}
    for penalty in progress(sorted(PENALTIES, reverse=True), "choosing the penalty", len(PENALTIES)):
        # Other photos than those of the simulation.
        tries = range(REPETITIONS, REPETITIONS + PENALTY_REPETITIONS)
        right[penalty] = float(np.mean([list(_replay(pool, val, sizes, penalty, number)) for number in tries]))
    return max(right, key=lambda penalty: right[penalty])


def _start(labels: np.ndarray, size: int, repetition: int) -> np.ndarray:
    """Photos to begin with, int64 (size,): one of each class, without which there is nothing to learn, others at
    random.
    """
    order = np.random.default_rng([repetition, 0]).permutation(len(labels))
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError("photos of one class")
    first = np.array([order[np.argmax(labels[order] == label)] for label in classes])
    return np.concatenate([first, order[~np.isin(order, first)]])[:size]


def _replay(
    pool: LabelledVectors, test: LabelledVectors, sizes: list[int], penalty: float, repetition: int,
    products: np.ndarray | None = None,
) -> Iterator[np.ndarray]:  # fmt: skip
    """After each round, whether the probe is right on each test photo: bool (T,). products: for the rule, the scalar
    products of all features of the pool; None: at random.
    """
    rng, labelled = np.random.default_rng([repetition, 1]), _start(pool.labels, sizes[0], repetition)
    probe = _fit(pool, labelled, penalty)
    yield probe.predict(test.vectors) == test.labels
    for size in sizes[1:]:
        left = np.setdiff1d(np.arange(len(pool.labels)), labelled)
        wanted = size - len(labelled)
        if products is not None:
            among = products[np.ix_(left, left)]
            probabilities = probe.predict_proba(pool.vectors[left])
            chosen = badge_order(probabilities, np.diag(among), among.__getitem__, wanted, repetition)
        else:
            chosen = rng.permutation(len(left))[:wanted]
        labelled = np.concatenate([labelled, left[chosen]])
        probe = _fit(pool, labelled, penalty)
        yield probe.predict(test.vectors) == test.labels


def _fit(pool: LabelledVectors, labelled: np.ndarray, penalty: float) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    probe = LogisticRegression(C=1 / penalty, max_iter=MAX_ITERATIONS, tol=TOLERANCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about iterations: both ways of labelling have the same limit
        return probe.fit(pool.vectors[labelled], pool.labels[labelled])
