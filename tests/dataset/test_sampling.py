"""Which images are drawn: as they are, or every class equally often."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.dataset.class_balance import class_weights
from warmstart.dataset.datamodule import ArrayDataModule
from warmstart.dataset.sampler import EpochSampler

LABELS = np.array([0] * 90 + [2] * 10)[np.random.default_rng(0).permutation(100)]


def epoch_rows(sampler: EpochSampler, epoch: int) -> np.ndarray:
    sampler.set_epoch(epoch)
    return np.concatenate([key.rows for key in sampler])


def test_natural_sampling_is_a_permutation_by_seed_and_pass() -> None:
    for epoch in range(2):
        expected = np.random.default_rng([5, epoch]).permutation(100)
        assert np.array_equal(epoch_rows(EpochSampler(100, 7, seed=5), epoch), expected)


def test_balanced_sampling_draws_every_class_equally_often() -> None:
    rows = epoch_rows(EpochSampler(100, 7, seed=0, balance=LABELS), 0)
    assert len(rows) == 100
    assert np.bincount(LABELS[rows]).tolist() == [50, 0, 50]
    times = np.bincount(rows, minlength=100)
    assert set(times[LABELS == 2]) == {5}  # each of the ten
    assert set(times[LABELS == 0]) == {0, 1}  # fifty of the ninety


def test_a_remainder_goes_to_one_class_or_another_and_nothing_is_lost() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 2])
    sampler = EpochSampler(7, 3, seed=0, balance=labels)
    counts = [np.bincount(labels[epoch_rows(sampler, epoch)], minlength=3) for epoch in range(20)]
    assert all(sorted(count) == [2, 2, 3] for count in counts)
    assert {int(count.argmax()) for count in counts} == {0, 1, 2}


@pytest.mark.parametrize("steps", [None, 4])
def test_a_resumed_run_draws_what_it_would_have_drawn(steps: int | None) -> None:
    going_on = EpochSampler(100, 16, seed=1, steps=steps, balance=LABELS)
    uninterrupted = [epoch_rows(going_on, epoch) for epoch in range(4)]
    assert np.array_equal(epoch_rows(EpochSampler(100, 16, seed=1, steps=steps, balance=LABELS), 3), uninterrupted[3])
    assert not np.array_equal(uninterrupted[2], uninterrupted[3])
    assert not np.array_equal(
        epoch_rows(EpochSampler(100, 16, seed=2, steps=steps, balance=LABELS), 3), uninterrupted[3]
    )


def test_large_classes_are_seen_whole_in_time() -> None:
    sampler = EpochSampler(100, 20, seed=0, balance=LABELS)
    assert set(np.concatenate([epoch_rows(sampler, epoch) for epoch in range(12)])) == set(range(100))


def test_loaders_draw_balanced_batches_whatever_their_processes_and_leave_validation_alone() -> None:
    inputs = np.arange(100, dtype=np.float32)[:, None]
    drawn = []
    for workers in (0, 2):
        data = ArrayDataModule(
            (inputs, LABELS), (inputs, LABELS), batch_size=20, seed=0, workers=workers, balanced=True
        )
        drawn.append([(x[:, 0].tolist(), y.tolist()) for x, y in data.train_dataloader()])
        assert [x for batch, _ in data.val_dataloader() for x in batch[:, 0].tolist()] == list(range(100))
    assert drawn[0] == drawn[1]
    assert sum(sum(label == 2 for label in labels) for _, labels in drawn[0]) == 50


def test_class_weights_make_the_classes_sum_to_the_same_and_average_one() -> None:
    weights = class_weights(LABELS, 4)
    assert weights[[1, 3]].tolist() == [0, 0]
    assert weights[0] * 90 == pytest.approx(weights[2] * 10) == pytest.approx(50)
    assert weights[LABELS].mean() == pytest.approx(1)


def test_no_batch_is_of_one_image_and_every_image_is_in_one_batch() -> None:
    for n in range(2, 201):
        for batch_size in range(2, n + 2):
            sampler = EpochSampler(n, batch_size, seed=0, shuffle=False)
            batches = [key.rows for key in sampler]
            assert len(batches) == len(sampler)
            assert min(map(len, batches)) > 1, (n, batch_size)
            assert max(map(len, batches)) <= batch_size + 1, (n, batch_size)
            assert np.array_equal(np.concatenate(batches), np.arange(n)), (n, batch_size)


def test_batches_of_one_are_given_to_whoever_asks_for_them() -> None:
    assert [len(key.rows) for key in EpochSampler(3, 1, seed=0)] == [1, 1, 1]
