"""What ``prepare`` measured and decided, read back as columns."""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import get_args

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.records.photos import Fate, PhotoRow
from warmstart.records.scan import ScanRecord

NUMBERS = (
    *("bytes", "width", "height", "frames", "brightness", "contrast", "saturation", "sharpness"),
    *("red", "green", "blue"),
)
FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass(frozen=True)
class Scan:
    """The candidate photos of a dataset in the order of its listing, as columns of N rows.

    labels: int64, indices into ``classes``, after corrections. splits: int8, indices into train, val, test; -1: none.
    fates: int8, indices into ``FATES``. units: int64; photos of one unit stay in one split. reasons: row → why the
    photo was left out. numbers: column → float64, NaN where unknown. words: ``format`` and ``mode``, text.
    """

    record: ScanRecord
    classes: list[str]
    paths: list[str]
    labels: np.ndarray
    splits: np.ndarray
    fates: np.ndarray
    units: np.ndarray
    reasons: dict[int, str]
    numbers: dict[str, np.ndarray]
    words: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def files(self) -> bool:
        """Whether the images were files, which have properties and faults."""
        return self.record.kind == "files"

    @property
    def usable(self) -> np.ndarray:
        """bool (N,): not left out, whether drawn into the subsample or not."""
        return np.asarray(self.fates != FATES.index("left_out"))

    @property
    def used(self) -> np.ndarray:
        """bool (N,): what recipes train and are tested on; all that is usable where nothing was drawn yet."""
        drawn = np.asarray(self.fates == FATES.index("used"))
        return drawn if drawn.any() else self.usable

    @property
    def measured(self) -> np.ndarray:
        """bool (N,): decoded, so that its light is known."""
        return np.asarray(np.isfinite(self.numbers["brightness"]))

    def label(self, row: int) -> str:
        """The class of a photo."""
        return self.classes[int(self.labels[row])]


def read_scan(folder: str | Path) -> Scan:
    """Read scan.json and photos.csv. Raises UserError, naming the file, where one is missing or is not what ``prepare``
    writes.
    """
    folder = Path(folder)
    if not (folder / "scan.json").exists():
        raise UserError(
            f"{folder} holds no scan of the photos: run `dvc repro prepare`, or `python pipelines/prepare.py` with "
            "your data options"
        )
    record = ScanRecord.read(folder / "scan.json")
    classes = list(record.classes)
    label_of = {name: label for label, name in enumerate(classes)}
    corrected = {change.path: change.after for change in record.corrections.changed}
    paths: list[str] = []
    reasons: dict[int, str] = {}
    labels, units, splits, fates = array("q"), array("q"), array("b"), array("b")
    words: dict[str, list[str]] = {"format": [], "mode": []}
    numbers = {name: array("d") for name in NUMBERS}
    about = ("path", "class_name", "split", "fate", "reason", "unit", *words)
    for index, row in enumerate(PhotoRow.iter_columns(folder / "photos.csv", *about, *NUMBERS)):
        path, name, split, fate, reason, unit, format_, mode, *values = row
        name = corrected.get(path, name)
        if name not in label_of:
            label_of[name] = len(classes)
            classes.append(name)
        paths.append(path)
        labels.append(label_of[name])
        splits.append(SPLITS.index(split) if split else -1)
        fates.append(FATES.index(fate))
        units.append(index if unit is None else unit)
        if reason:
            reasons[index] = reason
        words["format"].append(sys.intern(format_))
        words["mode"].append(sys.intern(mode))
        for column, value in zip(numbers.values(), values, strict=True):
            column.append(nan if value is None else value)
    return Scan(
        record=record,
        classes=classes,
        paths=paths,
        labels=np.array(labels, dtype=np.int64),
        splits=np.array(splits, dtype=np.int8),
        fates=np.array(fates, dtype=np.int8),
        units=np.array(units, dtype=np.int64),
        reasons=reasons,
        numbers={name: np.array(column, dtype=np.float64) for name, column in numbers.items()},
        words={name: np.array(column, dtype=np.str_) for name, column in words.items()},
    )
