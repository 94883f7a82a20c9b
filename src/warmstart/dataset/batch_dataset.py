"""A PyTorch dataset whose items are whole batches."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import Dataset

from warmstart.dataset.augmentation import Augmentation, Transforms
from warmstart.dataset.row_array import Rows
from warmstart.dataset.sampler import BatchKey


class BatchDataset(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Inputs (N, …) and labels (N,), indexed by ``BatchKey``.

    Images stay uint8 (batch, H, W, C), a quarter of the memory and already channels-last; the model normalises them.
    transforms: of the augmentation; none of them for no augmentation.
    """

    def __init__(
        self, inputs: Rows, labels: np.ndarray, *, transforms: Transforms | None = None, seed: int = 0
    ) -> None:
        self.inputs, self.labels, self.seed = inputs, labels, seed
        self.transforms = transforms
        self._augmentation: Augmentation | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, key: BatchKey) -> tuple[torch.Tensor, torch.Tensor]:
        inputs = self.inputs[key.rows]
        if self.transforms:
            if self._augmentation is None:
                self._augmentation = Augmentation(self.transforms)
            inputs = self._augmentation(inputs, (self.seed, key.epoch, key.number))
        return torch.from_numpy(inputs), torch.from_numpy(self.labels[key.rows])
