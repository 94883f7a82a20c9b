"""images/meta.json: what the prepared images are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from warmstart.records.base import Record

Split = Literal["train", "val", "test"]


@dataclass(frozen=True)
class SplitCounts:
    """Images in each split."""

    train: int
    val: int
    test: int

    def of(self, split: str) -> int:
        """Images in one split: train, val or test."""
        return {"train": self.train, "val": self.val, "test": self.test}[split]

    @property
    def total(self) -> int:
        """Images in all splits."""
        return self.train + self.val + self.test


@dataclass(frozen=True)
class SkippedFile:
    """A file of the source that is not among the images, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class PreparedImages(Record):
    """classes: names, in the order of the labels. size: height and width in pixels. channels: 1 or 3. resize: the
    kernel. fit: squash, crop or pad. digest: sha256 that identifies the images. pixels: sha256 of each split's array.
    folds: parts that all images are in, None without folds. corrected, dropped: labels changed and photos left out by
    corrections.csv. skipped: files that are not among the images. has_masks: whether masks_test.npy is there.
    """

    dataset: str
    classes: list[str]
    size: int
    channels: int
    resize: str
    fit: str
    digest: str
    pixels: dict[Split, str]
    counts: SplitCounts
    folds: int | None
    corrected: int
    dropped: int
    skipped: list[SkippedFile]
    has_masks: bool
