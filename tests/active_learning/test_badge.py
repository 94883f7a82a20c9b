"""The batch: unsure photos, different from one another, and its beginning is a batch too."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from warmstart.active_learning.badge import badge_order


def order(probabilities: np.ndarray, vectors: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    return badge_order(probabilities, (vectors**2).sum(axis=1), lambda row: vectors @ vectors[row], count, seed)


def of_first(sure: np.ndarray) -> np.ndarray:
    """Probabilities of two classes by that of the first."""
    return np.stack([sure, 1 - sure], axis=1)


def test_it_is_kmeans_plus_plus_on_the_gradients_of_the_last_layer() -> None:
    rng = np.random.default_rng(0)
    probabilities, vectors = rng.dirichlet(np.ones(3), 30), rng.normal(size=(30, 5))
    unit = np.eye(3)[probabilities.argmax(axis=1)]
    gradients = ((probabilities - unit)[:, :, None] * vectors[:, None, :]).reshape(30, -1)
    chosen = order(probabilities, vectors, 10)
    assert chosen[0] == np.linalg.norm(gradients, axis=1).argmax()
    draws, nearest = np.random.default_rng(0), np.full(30, np.inf)
    for last, after in pairwise(chosen):
        nearest = np.minimum(nearest, ((gradients - gradients[last]) ** 2).sum(axis=1))
        nearest[last] = 0
        assert after == draws.choice(30, p=nearest / nearest.sum())


def test_unsure_photos_come_before_sure_ones() -> None:
    rng = np.random.default_rng(1)
    sure = np.full(200, 0.9999)
    sure[rng.permutation(200)[:20]] = 0.5
    chosen = order(of_first(sure), rng.normal(size=(200, 50)), 20)
    assert (sure[chosen] == 0.5).sum() >= 17


def test_of_unsure_photos_in_groups_each_group_is_chosen_before_one_comes_twice() -> None:
    groups = np.repeat(np.arange(5), [60, 20, 10, 6, 4])
    vectors = 10 * np.eye(5)[groups] + 0.01 * np.random.default_rng(2).normal(size=(100, 5))
    assert sorted(groups[order(of_first(np.full(100, 0.5)), vectors, 5)]) == [0, 1, 2, 3, 4]


def test_the_first_of_the_order_are_the_order_of_fewer_and_no_photo_comes_twice() -> None:
    rng = np.random.default_rng(3)
    probabilities, vectors = of_first(rng.random(40)), rng.normal(size=(40, 4))
    whole = order(probabilities, vectors, 40)
    assert sorted(whole) == list(range(40)) and np.array_equal(whole[:7], order(probabilities, vectors, 7))
    assert not np.array_equal(whole, order(probabilities, vectors, 40, seed=1))


def test_photos_that_are_all_alike_are_taken_in_some_order() -> None:
    assert sorted(order(of_first(np.full(6, 0.6)), np.ones((6, 3)), 6)) == list(range(6))
    with pytest.raises(ValueError):
        order(of_first(np.full(6, 0.6)), np.ones((6, 3)), 7)
