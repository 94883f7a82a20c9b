"""Batches out of rows on disk: what the same rows in memory give, in any process."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from support import transforms
from warmstart.dataset.batch_dataset import BatchDataset
from warmstart.dataset.datamodule import ArrayDataModule
from warmstart.dataset.row_array import RowArray
from warmstart.dataset.sampler import BatchKey

LESSON = transforms("lesson")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, list[Path]]:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 16, 16, 3), dtype=np.uint8)
    folder = tmp_path_factory.mktemp("rows")
    paths = [folder / "a.npy", folder / "b.npy"]
    np.save(paths[0], pixels[:13])
    np.save(paths[1], pixels[13:])
    return pixels, paths


@pytest.mark.parametrize("workers", [0, 2])
def test_rows_on_disk_give_the_batches_of_rows_in_memory(images: tuple[np.ndarray, list[Path]], workers: int) -> None:
    pixels, paths = images
    labels = np.arange(30)
    on_disk = RowArray(paths)
    assert np.array_equal(on_disk[:2], pixels[:2])  # opened before the processes are forked
    batches = []
    for inputs in (pixels, on_disk):
        data = ArrayDataModule(
            (inputs, labels), (inputs, labels), batch_size=7, seed=1, transforms=LESSON, workers=workers
        )
        batches.append([*data.train_dataloader(), *data.val_dataloader()])
    for (a, a_labels), (b, b_labels) in zip(*batches, strict=True):
        assert torch.equal(a, b)
        assert torch.equal(a_labels, b_labels)


def test_a_dataset_can_be_sent_to_a_process_that_shares_nothing(images: tuple[np.ndarray, list[Path]]) -> None:
    pixels, paths = images
    dataset = BatchDataset(RowArray(paths), np.arange(30), transforms=LESSON, seed=3)
    key = BatchKey(2, 1, np.array([20, 3, 29, 0]))
    expected, _ = dataset[key]
    sent, labels = pickle.loads(pickle.dumps(dataset))[key]
    assert torch.equal(sent, expected)
    assert labels.tolist() == [20, 3, 29, 0]
    plain, _ = BatchDataset(RowArray(paths), np.arange(30))[key]
    assert np.array_equal(plain.numpy(), pixels[key.rows])
