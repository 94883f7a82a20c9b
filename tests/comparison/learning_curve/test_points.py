"""Which trainings a learning curve has, and how long each lasts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from warmstart.comparison.learning_curve.points import Axes, all_points, epochs_of
from warmstart.config.schema import LearningCurveOptions, Schedule

SCHEDULE = Schedule("quick", 10, 20)


def test_every_size_is_trained_with_every_seed_after_what_it_starts_from() -> None:
    options = LearningCurveOptions(shares=[1.0, 0.1], seeds=2)
    points = all_points({"features_augmented": None, "fine_tune": "features_augmented"}, options, 7)
    assert [point.key for point in points if point.recipe == "fine_tune"] == [
        ("fine_tune", share, seed) for seed in (7, 8) for share in (0.1, 1.0)
    ]
    for number, point in enumerate(points):
        if point.start:
            assert point.start in [before.key for before in points[:number]]
    assert Axes.of(points) == Axes(["features_augmented", "fine_tune"], [0.1, 1.0], [7, 8])


@pytest.mark.parametrize(("share", "epochs"), [(1.0, 10), (0.8, 12), (0.5, 20), (0.05, 40)])
def test_fewer_images_get_more_epochs_up_to_a_limit(share: float, epochs: int) -> None:
    assert epochs_of(SCHEDULE, share, 4, full_batch=False) == epochs


def test_a_schedule_that_counts_steps_or_sizes_itself_stays() -> None:
    for schedule in (replace(SCHEDULE, steps_per_epoch=100), replace(SCHEDULE, epochs=None)):
        assert epochs_of(schedule, 0.1, 4, full_batch=False) is None
    assert epochs_of(SCHEDULE, 0.1, 4, full_batch=True) is None
