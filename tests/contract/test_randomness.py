"""Augmentation and order: different where they should differ, equal where they should be equal, for any number of
workers.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from support import read_history, transforms
from warmstart.dataset.datamodule import ArrayDataModule
from warmstart.dataset.sampler import EpochSampler

LESSON = transforms("lesson")


def epochs(workers: int, seed: int = 3, n_epochs: int = 3) -> list[list[torch.Tensor]]:
    """Batches of several epochs over eight copies of one picture, so that only augmentation tells them apart."""
    picture = np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    images = np.repeat(picture[None], 8, axis=0)
    labels = np.zeros(8, dtype=np.int64)
    data = ArrayDataModule(
        (images, labels), (images, labels), batch_size=2, seed=seed, transforms=LESSON, workers=workers
    )
    loader = data.train_dataloader()
    out = []
    for epoch in range(n_epochs):
        loader.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
        out.append([inputs for inputs, _ in loader])
    return out


def same(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture(scope="module")
def by_workers() -> dict[int, list[list[torch.Tensor]]]:
    return {workers: epochs(workers) for workers in (0, 2)}


@pytest.mark.parametrize("workers", [0, 2])
def test_epochs_differ(by_workers: dict[int, list[list[torch.Tensor]]], workers: int) -> None:
    first, second, third = by_workers[workers]
    assert not same(first, second)
    assert not same(second, third)


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_and_images_differ(by_workers: dict[int, list[list[torch.Tensor]]], workers: int) -> None:
    images = torch.cat(by_workers[workers][0])  # batches alternate between the workers
    assert len(torch.unique(images.flatten(1), dim=0)) == len(images)


@pytest.mark.parametrize("workers", [0, 2])
def test_two_runs_with_one_seed_are_equal_and_two_seeds_differ(
    by_workers: dict[int, list[list[torch.Tensor]]], workers: int
) -> None:
    again = epochs(workers, n_epochs=2)
    assert same(by_workers[workers][0], again[0])
    assert same(by_workers[workers][1], again[1])
    assert not same(by_workers[workers][0], epochs(workers, seed=4, n_epochs=1)[0])


def test_the_number_of_workers_changes_nothing(by_workers: dict[int, list[list[torch.Tensor]]]) -> None:
    assert all(same(a, b) for a, b in zip(by_workers[0], by_workers[2], strict=True))


def test_an_epoch_takes_every_image_once() -> None:
    sampler = EpochSampler(10, 3, seed=0)
    rows = np.concatenate([key.rows for key in sampler])
    assert sorted(rows) == list(range(10))
    sampler.set_epoch(1)
    assert not np.array_equal(rows, np.concatenate([key.rows for key in sampler]))


def test_steps_go_on_through_reshuffled_passes() -> None:
    sampler = EpochSampler(10, 4, seed=0, steps=5)
    rows = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        rows += [key.rows for key in sampler]
    together = np.concatenate(rows)
    assert len(together) == 40
    for start in range(0, 40, 10):
        assert sorted(together[start : start + 10]) == list(range(10))


def test_the_seed_decides_the_training(train_tiny, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from warmstart.models.checkpoint import load_model

    runs = {
        name: train_tiny("scratch_augmented", tmp_path / name, f"seed={seed}", "schedule.epochs=1")
        for name, seed in {"a": 1, "b": 1, "c": 2}.items()
    }
    figures = {name: read_history(path / "history.csv")[0]["train/loss"] for name, path in runs.items()}
    assert figures["a"] == figures["b"] != figures["c"]
    first, second = (load_model(runs[name] / "model.ckpt").network.state_dict() for name in ("a", "b"))
    assert all(torch.equal(first[key], second[key]) for key in first)
