"""Why a photo is suggested, and the nearest training photo."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from warmstart.active_learning import reasons as module
from warmstart.active_learning.messages import UNLIKE, UNSURE, VARIETY
from warmstart.active_learning.reasons import find_neighbours, reasons, usual_distance
from warmstart.records.unsure import UnsureLimit


def model(limit: float | None) -> Any:
    return SimpleNamespace(unsure=UnsureLimit(0.01, limit) if limit else None, threshold=0.5)


PROBABILITIES = np.array([[0.95, 0.05], [0.2, 0.8], [0.3, 0.7], [0.95, 0.05]])
DISTANCES = np.array([0.1, 0.1, 0.9, 0.9])


def test_unsure_is_what_the_package_marks_and_unlike_what_is_far() -> None:
    assert reasons(model(0.9), PROBABILITIES, DISTANCES, 0.5) == [VARIETY, UNSURE, f"{UNSURE}, {UNLIKE}", UNLIKE]


def test_without_a_limit_a_small_lead_is_unsure() -> None:
    assert reasons(model(None), PROBABILITIES, DISTANCES, 0.5) == [VARIETY, VARIETY, f"{UNSURE}, {UNLIKE}", UNLIKE]


@pytest.mark.parametrize("block", [7, 4096])
def test_the_nearest_training_photo_is_found_whatever_is_read_at_once(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    rng = np.random.default_rng(0)
    train, centre = rng.normal(size=(50, 6)).astype(np.float32), rng.normal(size=6).astype(np.float32)
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (train[:9] + 0.1 - centre, train - centre))
    found = find_neighbours(train[:9] + 0.1, train, centre)
    assert np.array_equal(found.rows, (a @ b.T).argmax(axis=1))
    assert found.distances == pytest.approx(1 - (a @ b.T).max(axis=1), abs=1e-5)
    others = find_neighbours(train[40:], train, centre, but=np.arange(40, 50))
    assert not np.any(others.rows == np.arange(40, 50)) and others.distances.min() > 0.001


def test_most_training_photos_are_nearer_than_the_usual_distance() -> None:
    train = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    centre = train.mean(axis=0)
    distances = find_neighbours(train, train, centre, but=np.arange(300)).distances
    assert (distances < usual_distance(train, centre)).mean() == pytest.approx(0.95, abs=0.01)
