"""The LightningDataModule over prepared images or cached features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from warmstart.dataset.augmentation import Transforms
from warmstart.dataset.batch_dataset import BatchDataset
from warmstart.dataset.row_array import Rows
from warmstart.dataset.sampler import EpochSampler

Batch = tuple[torch.Tensor, torch.Tensor]
Arrays = tuple[Rows, np.ndarray]  # inputs and labels
VALIDATION_BATCH_SIZE = 64


class ArrayDataModule(pl.LightningDataModule):
    """Batches of (inputs, labels), where inputs are uint8 images (B, H, W, C) or float32 features (B, D).

    train, val: pairs of inputs (N, …) and labels int64 (N,). steps_per_epoch: None takes every image once. transforms:
    of the training images, none for no augmentation. workers: loader processes, 0 for none. balanced: in training every
    class is drawn equally often.

    Inputs may be any object with ``len`` and ``shape`` that returns an array for an array of row numbers
    (docs/scale.md).
    """

    def __init__(
        self,
        train: Arrays,
        val: Arrays,
        *,
        batch_size: int,
        seed: int,
        steps_per_epoch: int | None = None,
        transforms: Transforms | None = None,
        workers: int = 0,
        balanced: bool = False,
    ) -> None:
        super().__init__()
        self.train, self.val = train, val
        self.batch_size, self.seed, self.steps_per_epoch = batch_size, seed, steps_per_epoch
        self.transforms, self.workers, self.balanced = transforms, workers, balanced

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled, augmented batches; order and draws depend on seed and epoch alone."""
        dataset = BatchDataset(*self.train, transforms=self.transforms, seed=self.seed)
        sampler = EpochSampler(
            len(dataset),
            self.batch_size,
            seed=self.seed,
            steps=self.steps_per_epoch,
            balance=dataset.labels if self.balanced else None,
        )
        if self.trainer is not None:
            # Loader processes draw ahead before Lightning sets the first epoch, which of a resumed training is not 0.
            progress: Any = self.trainer.fit_loop.epoch_progress.current  # which knows more than its type says
            sampler.set_epoch(progress.processed)
        return self._loader(dataset, sampler)

    def val_dataloader(self) -> DataLoader[Batch]:
        """All validation data, in order."""
        dataset = BatchDataset(*self.val)
        return self._loader(
            dataset, EpochSampler(len(dataset), VALIDATION_BATCH_SIZE, seed=0, shuffle=False), workers=0
        )

    def _loader(self, dataset: BatchDataset, sampler: EpochSampler, workers: int | None = None) -> DataLoader[Batch]:
        workers = self.workers if workers is None else workers
        return DataLoader(
            dataset,
            sampler=sampler,  # type: ignore[arg-type] # its items are keys of batches, not of images
            batch_size=None,
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=torch.cuda.is_available(),
        )
