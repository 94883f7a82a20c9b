"""The LightningDataModules: over arrays of images or cached features, and over a folder of prepared images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from warmstart.dataset.augmentation import Transforms
from warmstart.dataset.batch_dataset import BatchDataset
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import Rows
from warmstart.dataset.sampler import BatchKey, EpochSampler

Batch = tuple[torch.Tensor, torch.Tensor]
Arrays = tuple[Rows, np.ndarray]  # inputs and labels
EVAL_BATCH_SIZE = 64


class ArrayDataModule(pl.LightningDataModule):
    """Batches of (inputs, labels), where inputs are uint8 images (B, H, W, C) or float32 features (B, D).

    train, val, test: pairs of inputs (N, …) and labels int64 (N,); None for a split that is not used. Predictions are
    of the test split. steps_per_epoch: None takes every image once. transforms: of the training images, none for no
    augmentation. workers: loader processes, 0 for none. balanced: in training every class is drawn equally often.
    eval_batch_size: of validation, test and prediction.

    Inputs may be any object with ``len`` and ``shape`` that returns an array for an array of row numbers
    (docs/scale.md).
    """

    def __init__(
        self,
        train: Arrays | None,
        val: Arrays | None,
        test: Arrays | None = None,
        *,
        batch_size: int = 20,
        seed: int = 0,
        steps_per_epoch: int | None = None,
        transforms: Transforms | None = None,
        workers: int = 0,
        balanced: bool = False,
        eval_batch_size: int = EVAL_BATCH_SIZE,
    ) -> None:
        super().__init__()
        self.train, self.val, self.test = train, val, test
        self.batch_size, self.seed, self.steps_per_epoch = batch_size, seed, steps_per_epoch
        self.transforms, self.workers, self.balanced = transforms, workers, balanced
        self.eval_batch_size = eval_batch_size

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled, augmented batches; order and draws depend on seed and epoch alone."""
        dataset = BatchDataset(*self._arrays("train"), transforms=self.transforms, seed=self.seed)
        sampler = EpochSampler(
            len(dataset),
            self.batch_size,
            seed=self.seed,
            steps=self.steps_per_epoch,
            balance=dataset.labels if self.balanced else None,
            process=self._process,
        )
        if self.trainer is not None:
            # Loader processes draw ahead before Lightning sets the first epoch, which of a resumed training is not 0.
            progress: Any = self.trainer.fit_loop.epoch_progress.current  # which knows more than its type says
            sampler.set_epoch(progress.processed)
        return _loader(dataset, sampler, self.workers)

    def val_dataloader(self) -> DataLoader[Batch]:
        """All validation data, in order."""
        return self._in_order("val")

    def test_dataloader(self) -> DataLoader[Batch]:
        """All test data, in order."""
        return self._in_order("test")

    def predict_dataloader(self) -> DataLoader[Batch]:
        """All test data, in order."""
        return self._in_order("test")

    def statistics_dataloader(self, n: int) -> DataLoader[Batch]:
        """About evenly spaced training data, at most ``n``, without augmentation, in batches of about the training's
        size: the same in each epoch and process.
        """
        dataset = BatchDataset(*self._arrays("train"))
        rows = np.unique(np.linspace(0, len(dataset) - 1, min(n, len(dataset))).round().astype(np.int64))
        parts = np.array_split(rows, max(1, len(rows) // self.batch_size))
        return _loader(dataset, [BatchKey(0, number, part) for number, part in enumerate(parts)])

    def _in_order(self, split: str) -> DataLoader[Batch]:
        dataset = BatchDataset(*self._arrays(split))
        return _loader(
            dataset,
            EpochSampler(len(dataset), self.eval_batch_size, seed=0, shuffle=False, process=self._process),
        )

    def _arrays(self, split: str) -> Arrays:
        arrays: Arrays | None = getattr(self, split)
        if arrays is None:
            raise ValueError(f"this DataModule has no split {split}")
        return arrays

    @property
    def _process(self) -> tuple[int, int]:
        """Which process of the training this is, and of how many."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer is not None else (0, 1)


class ImageDataModule(ArrayDataModule):
    """The training, validation and test images of a folder that ``prepare`` wrote, or of an ``ImageStore``.

    fold: with ``data.folds``, whose splits; of a store, its own. options: of ``ArrayDataModule``. Raises UserError if
    the folder holds no prepared images.
    """

    def __init__(self, images: ImageStore | str | Path, fold: int = 0, **options: Any) -> None:
        super().__init__(None, None, **options)
        self.store = images if isinstance(images, ImageStore) else ImageStore(images, fold)

    def setup(self, stage: str | None = None) -> None:
        """Open the images. stage: in Lightning's words; None: all. Pixels are read when a batch asks for them."""
        splits = {"fit": ("train", "val"), "validate": ("val",), "test": ("test",), "predict": ("test",)}
        for split in splits.get(str(stage), ("train", "val", "test")):
            setattr(self, split, (self.store.images(split), self.store.labels(split)))


def _loader(dataset: BatchDataset, sampler: Any, workers: int = 0) -> DataLoader[Batch]:
    return DataLoader(
        dataset,
        sampler=sampler,  # its items are keys of batches, not of images
        batch_size=None,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
    )
