"""Augmentation shown is the augmentation trained with, and each transformation is shown alone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from warmstart.config.schema import Augment
from warmstart.dataset.augmentation import Augmentation
from warmstart.dataset.batch_dataset import BatchDataset
from warmstart.dataset.sampler import BatchKey
from warmstart.errors import UserError
from warmstart.lesson.augmentation import augment_copies, farthest_first, write_augmentation
from warmstart.records.lesson import LessonFigures

LESSON = Augment(rotation=40.0, shift=0.2, shear=11.459156, zoom=0.2, horizontal_flip=True)
PHOTO = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)


def test_the_draws_are_those_of_a_training_batch() -> None:
    batch = np.repeat(PHOTO[None], 8, axis=0)
    trained, _ = BatchDataset(batch, np.zeros(8, dtype=np.int64), augment=LESSON, seed=3)[BatchKey(0, 0, np.arange(8))]
    assert np.array_equal(augment_copies(PHOTO, LESSON, (3, 0, 0), 8), trained.numpy())


def test_both_sheets_and_the_figures_are_written(tmp_path: Path) -> None:
    metrics = write_augmentation(PHOTO, LESSON, 0, tmp_path / "a", "noise")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"draws.png", "each.png", "augmentation.json"}
    assert list(metrics.each) == ["rotation", "shift", "shear", "zoom", "horizontal_flip"]
    assert metrics.each["zoom"].range == "width and height, each 80 to 120 %"
    assert metrics.least_between_draws > 0
    assert LessonFigures.read(tmp_path / "a" / "augmentation.json").figures == asdict(metrics)
    write_augmentation(PHOTO, LESSON, 0, tmp_path / "b", "noise")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_only_transformations_that_are_on_are_shown(tmp_path: Path) -> None:
    metrics = write_augmentation(PHOTO[..., :1], Augment(horizontal_flip=True), 0, tmp_path / "a", "noise")
    assert list(metrics.each) == ["horizontal_flip"]
    with pytest.raises(UserError, match="no augmentation to show"):
        write_augmentation(PHOTO, Augment(), 0, tmp_path / "none", "noise")


def test_the_draws_chosen_lie_at_both_ends_of_a_range() -> None:
    gradient = np.broadcast_to(np.arange(0, 240, 4, dtype=np.uint8)[None, :, None], (60, 60, 1)).copy()
    draws = Augmentation(Augment(shift=0.2))(np.repeat(gradient[None], 64, axis=0), (0, 0, 0))
    chosen = farthest_first(gradient, draws, 3)
    moves = [float(draw.mean()) - float(gradient.mean()) for draw in chosen]
    everything = [float(draw.mean()) - float(gradient.mean()) for draw in draws]
    assert {min(everything), max(everything)} <= set(moves)


def test_a_flip_has_only_one_other_side() -> None:
    draws = Augmentation(Augment(horizontal_flip=True))(np.repeat(PHOTO[None], 16, axis=0), (0, 0, 0))
    (flipped,) = farthest_first(PHOTO, draws, 3)
    assert np.array_equal(flipped, PHOTO[:, ::-1])
