"""The images of each batch: a function of seed and epoch alone, so that a resumed training sees the same batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from torch.utils.data import DistributedSampler

from warmstart.dataset.class_balance import balanced_order, rows_by_class


class BatchKey(NamedTuple):
    """A batch: its place in training, and its rows."""

    epoch: int
    number: int
    rows: np.ndarray  # int64 (batch,)


class EpochSampler(DistributedSampler[BatchKey]):
    """Yields the batches of one epoch. Lightning calls ``set_epoch`` before each epoch except the first.

    It is a DistributedSampler so that Lightning leaves it as it is. process: which of how many processes, each of which
    gets another part of the epoch's batches. In training all get equally many, and a batch may be drawn twice for that.

    n: images. steps: batches per epoch, continued through reshuffled passes over the data as Keras' generators do.
    None: every image once; a remainder of one image joins the batch before it, since batch norm needs two.
    shuffle: False gives the images in order, once. balance: labels int64 (n,) whose classes are drawn equally often,
    n images per pass; None: every image is drawn once per pass.
    """

    def __init__(
        self,
        n: int,
        batch_size: int,
        *,
        seed: int,
        steps: int | None = None,
        shuffle: bool = True,
        balance: np.ndarray | None = None,
        process: tuple[int, int] = (0, 1),
    ) -> None:
        rank, processes = process
        super().__init__(range(n), processes, rank, shuffle, seed)  # type: ignore[arg-type] # only counted
        self.n, self.batch_size = n, min(batch_size, n)
        self.whole_passes = steps is None
        full, left = divmod(n, self.batch_size)
        self.steps = steps or full + (left > 1) or 1
        self.classes = None if balance is None else rows_by_class(balance)
        self._cached: tuple[int, np.ndarray] | None = None

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch of the next iteration."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._numbers())

    def __iter__(self) -> Iterator[BatchKey]:
        for number in self._numbers():
            yield BatchKey(self.epoch, number, self._rows(number))

    def _numbers(self) -> list[int]:
        """The batches of this process."""
        surplus = -self.steps % self.num_replicas if self.shuffle else 0
        return [number % self.steps for number in range(self.rank, self.steps + surplus, self.num_replicas)]

    def _rows(self, number: int) -> np.ndarray:
        if self.whole_passes:
            last = number == self.steps - 1
            return self._order(self.epoch)[number * self.batch_size : None if last else (number + 1) * self.batch_size]
        first = (self.epoch * self.steps + number) * self.batch_size
        indices = np.arange(first, first + self.batch_size)
        passes = [self._order(p) for p in range(indices[0] // self.n, indices[-1] // self.n + 1)]
        rows: np.ndarray = np.concatenate(passes)[indices - (indices[0] // self.n) * self.n]
        return rows

    def _order(self, number: int) -> np.ndarray:
        if not self.shuffle:
            return np.arange(self.n)
        if self._cached is None or self._cached[0] != number:
            rng = np.random.default_rng([self.seed, number])
            order = rng.permutation(self.n) if self.classes is None else balanced_order(self.classes, self.n, rng)
            self._cached = (number, order)
        return self._cached[1]
