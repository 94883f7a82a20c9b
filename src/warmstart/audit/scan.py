"""What ``prepare`` measured and decided, read back as columns."""

from __future__ import annotations

import csv
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.files.cells import cell_path, cell_text
from warmstart.files.plain import read_json
from warmstart.files.reading import reading

NUMBERS = (
    "bytes",
    "width",
    "height",
    "frames",
    "brightness",
    "contrast",
    "saturation",
    "sharpness",
    "red",
    "green",
    "blue",
)
WORDS = ("path", "class", "split", "fate", "reason", "unit", "format", "mode")
FATES = ("used", "unused", "left_out")


@dataclass(frozen=True)
class Scan:
    """The candidate photos of a dataset in the order of its listing, as columns of N rows.

    labels: int64, indices into ``classes``, after corrections. splits: int8, indices into train, val, test; -1: none.
    fates: int8, indices into ``FATES``. units: int64; photos of one unit stay in one split. reasons: photo → why it was left out.
    numbers: column → float64, NaN where unknown. words: ``format`` and ``mode``, text. record: scan.json.
    """

    record: dict[str, Any]
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
        """Whether the images were files, which have facts and faults."""
        return bool(self.record["kind"] == "files")

    @property
    def usable(self) -> np.ndarray:
        """bool (N,): not left out, whether drawn into the subsample or not."""
        usable: np.ndarray = self.fates != FATES.index("left_out")
        return usable

    @property
    def used(self) -> np.ndarray:
        """bool (N,): what recipes train and are tested on; all that is usable where nothing was drawn yet."""
        drawn: np.ndarray = self.fates == FATES.index("used")
        return drawn if drawn.any() else self.usable

    @property
    def measured(self) -> np.ndarray:
        """bool (N,): decoded, so that its light is known."""
        known: np.ndarray = np.isfinite(self.numbers["brightness"])
        return known

    def label(self, index: int) -> str:
        """The class of a photo."""
        return self.classes[int(self.labels[index])]


def read_scan(folder: str | Path) -> Scan:
    """Read scan.json and photos.csv. Raises UserError, naming the file, where one is missing or is not what ``prepare`` writes."""
    folder = Path(folder)
    if not (folder / "scan.json").exists():
        raise UserError(
            f"{folder} holds no scan of the photos: run `dvc repro prepare`, or `python pipelines/prepare.py` with your data options"
        )
    record = read_json(folder / "scan.json", "dataset", "kind", "classes", "corrections", "exact")
    with reading(folder / "photos.csv", "a table of photos"):
        return _columns(record, folder / "photos.csv")


def _columns(record: dict[str, Any], photos: Path) -> Scan:
    classes: list[str] = list(record["classes"])
    label_of = {name: label for label, name in enumerate(classes)}
    changed = {item["path"]: item["to"] for item in record["corrections"]["changed"]}
    paths: list[str] = []
    reasons: dict[int, str] = {}
    labels, units, splits, fates = array("q"), array("q"), array("b"), array("b")
    words: dict[str, list[str]] = {"format": [], "mode": []}
    numbers = {name: array("d") for name in NUMBERS}
    for index, row in enumerate(_rows(photos)):
        path, name, split, fate, reason, unit, format_, mode = row[: len(WORDS)]
        path, name = cell_path(path), cell_text(name)
        name = changed.get(path, name)
        if name not in label_of:
            label_of[name] = len(classes)
            classes.append(name)
        paths.append(path)
        labels.append(label_of[name])
        splits.append(SPLITS.index(split) if split in SPLITS else -1)
        fates.append(FATES.index(fate))
        units.append(int(unit) if unit else index)
        if reason:
            reasons[index] = reason
        words["format"].append(sys.intern(format_))
        words["mode"].append(sys.intern(mode))
        for column, value in zip(numbers.values(), row[len(WORDS) :], strict=True):
            column.append(float(value) if value else np.nan)
    return Scan(
        record,
        classes,
        paths,
        np.array(labels, dtype=np.int64),
        np.array(splits, dtype=np.int8),
        np.array(fates, dtype=np.int8),
        np.array(units, dtype=np.int64),
        reasons,
        {name: np.array(column, dtype=np.float64) for name, column in numbers.items()},
        {name: np.array(column, dtype=np.str_) for name, column in words.items()},
    )


def _rows(path: Path) -> Iterator[list[str]]:
    """The lines of photos.csv: the columns ``WORDS`` and then ``NUMBERS``, whatever their order in the file."""
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        missing = [name for name in (*WORDS, *NUMBERS) if name not in header]
        if missing:
            raise ValueError(f"it has no column {', '.join(missing)}")
        places = [header.index(name) for name in (*WORDS, *NUMBERS)]
        for row in reader:
            yield [row[place] for place in places]
