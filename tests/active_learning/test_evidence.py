"""The simulation finds that the rule helps where it is known to, and says that it does not where nothing can."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from warmstart.active_learning import simulation
from warmstart.active_learning.evidence import labels_to_reach, weigh
from warmstart.active_learning.simulation import (
    LabelledVectors,
    LabellingCurves,
    at_most,
    choose_penalty,
    label_counts,
    simulate,
)
from warmstart.records.suggestion import LabellingEvidence

SIZES = [20, 40, 80, 160, 320]
PHOTOS, TESTS = 1000, 600


def halfspace(n: int, seed: int) -> LabelledVectors:
    """Points in 20 dimensions that a plane parts without a mistake: what lies far from the plane teaches nothing, so
    asking near it needs exponentially fewer labels (S. Dasgupta, "Coarse sample complexity bounds for active learning",
    NIPS 2005).
    """
    vectors = np.random.default_rng(seed).normal(size=(n, 20)).astype(np.float32)
    return LabelledVectors(vectors, (vectors[:, :4].sum(axis=1) > 0).astype(np.int64))


def coins(n: int, seed: int) -> LabelledVectors:
    """Labels that the features say nothing of."""
    rng = np.random.default_rng(seed)
    return LabelledVectors(rng.normal(size=(n, 20)).astype(np.float32), rng.integers(2, size=n))


@cache
def curves(kind: str, repetitions: int = 10) -> LabellingCurves:
    make = {"halfspace": halfspace, "coins": coins}[kind]
    return simulate(make(PHOTOS, 0), make(TESTS, 1), SIZES, 0.1, repetitions)


@cache
def evidence(kind: str) -> LabellingEvidence:
    return weigh(curves(kind), PHOTOS, 0.1)


def test_where_asking_near_the_boundary_helps_the_rule_is_better() -> None:
    found = evidence("halfspace")
    assert found.verdict == "better" and found.difference.low > 0
    assert found.enough and found.enough.low <= found.enough.value < 0.8 * SIZES[-1]
    assert found.points[-1].rule.value > found.points[-1].random.value > 0.85


def test_where_there_is_nothing_to_learn_it_is_not_told_apart() -> None:
    found = evidence("coins")
    assert found.verdict == "not_told_apart" and found.enough is None
    assert found.difference.low < 0 < found.difference.high


def test_chance_against_itself_is_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of the rows are as good as random, since the rows are in no order."""
    monkeypatch.setattr(
        simulation, "badge_order", lambda probabilities, squares, products, count, seed: np.arange(count)
    )
    found = weigh(simulate(halfspace(PHOTOS, 0), halfspace(TESTS, 1), SIZES, 0.1, 10), PHOTOS, 0.1)
    assert found.verdict == "not_told_apart"


def test_a_rule_that_takes_the_surest_is_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    def surest(probabilities: np.ndarray, squares: object, products: object, count: int, seed: int) -> np.ndarray:
        return np.argsort(-probabilities.max(axis=1), kind="stable")[:count]

    monkeypatch.setattr(simulation, "badge_order", surest)
    found = weigh(simulate(halfspace(PHOTOS, 0), halfspace(TESTS, 1), SIZES, 0.1, 10), PHOTOS, 0.1)
    assert found.verdict == "worse" and found.difference.high < 0 and found.enough is None


def test_both_begin_with_the_same_photos() -> None:
    found = curves("halfspace")
    assert np.array_equal(found.rule[:, :, 0], found.random[:, :, 0])
    starts = found.rule[:, :, 0]
    assert len(np.unique(starts, axis=0)) == len(starts), "each repetition begins otherwise"
    first = evidence("halfspace").points[0]
    assert (first.difference.low, first.difference.value, first.difference.high) == (0, 0, 0)


def test_no_label_is_seen_before_its_photo_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the labels of photos that are never chosen are wrong, nothing changes."""
    seen, fit = set(), simulation._fit

    def note(pool: LabelledVectors, labelled: np.ndarray, penalty: float) -> object:
        seen.update(labelled.tolist())
        return fit(pool, labelled, penalty)

    monkeypatch.setattr(simulation, "_fit", note)
    pool, test = halfspace(400, 0), halfspace(100, 1)
    honest = simulate(pool, test, SIZES[:3], 0.1, 1)
    hidden = np.setdiff1d(np.arange(400), sorted(seen))
    assert len(hidden) > 200
    wrong = pool.labels.copy()
    wrong[hidden] = 1 - wrong[hidden]
    again = simulate(LabelledVectors(pool.vectors, wrong), test, SIZES[:3], 0.1, 1)
    assert np.array_equal(again.rule, honest.rule) and np.array_equal(again.random, honest.random)


def test_the_same_photos_give_the_same_figures() -> None:
    again = simulate(halfspace(PHOTOS, 0), halfspace(TESTS, 1), SIZES, 0.1, 2)
    assert np.array_equal(again.rule, curves("halfspace").rule[:2])
    assert np.array_equal(again.random, curves("halfspace").random[:2])


def test_the_penalty_is_the_best_for_chance_on_validation_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    """By other photos at the start than those of the simulation; the larger of equal ones."""
    pool, val = halfspace(100, 0), halfspace(7, 1)

    def replay(
        pool: object,
        tested: LabelledVectors,
        sizes: list[int],
        penalty: float,
        repetition: int,
        products: object = None,
    ) -> Iterator[np.ndarray]:
        assert products is None and len(tested.labels) == 7 and repetition >= simulation.REPETITIONS
        yield from [np.arange(7) < (5 if penalty in (3.0, 30.0) else 4)] * len(sizes)

    monkeypatch.setattr(simulation, "_replay", replay)
    assert choose_penalty(pool, val, SIZES[:3]) == 30.0


def test_every_class_is_among_the_first() -> None:
    labels = np.repeat([0, 1, 2], [190, 6, 4])
    for repetition in range(20):
        start = simulation._start(labels, 20, repetition)
        assert len(set(start.tolist())) == 20 and set(labels[start]) == {0, 1, 2}
    with pytest.raises(ValueError):
        simulation._start(np.zeros(30, dtype=np.int64), 20, 0)


def test_the_sizes_grow_in_equal_ratios_to_half_of_the_photos() -> None:
    sizes = label_counts(2000, 2)
    assert sizes and sizes[0] == 20 and sizes[-1] == 1000
    ratios = np.divide(sizes[1:], sizes[:-1])
    assert ratios.max() / ratios.min() < 1.1
    assert label_counts(159, 2) is None and label_counts(160, 2)
    many = label_counts(2000, 100)
    assert many and many[0] == 200
    assert len(at_most(5000, 0)) == 2000 and np.array_equal(at_most(30, 0), np.arange(30))


def test_how_many_photos_are_enough_is_read_between_the_sizes() -> None:
    sizes, rising = [10, 20, 40], np.array([0.5, 0.7, 0.9])
    assert labels_to_reach(sizes, rising, 0.8) == pytest.approx(20 * 2**0.5)
    assert labels_to_reach(sizes, rising, 0.4) == 10 and labels_to_reach(sizes, rising, 0.95) == 40
