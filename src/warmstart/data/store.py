"""The prepared images of a dataset: a manifest, what was decided, and one memory-mapped array a split."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.errors import UserError
from warmstart.files import read_json

MANIFEST_COLUMNS = ("path", "class", "label", "split", "row", "sha256", "bytes")


class ImageStore:
    """What ``prepare`` wrote into a folder.

    images(split): uint8 (N, size, size, channels), memory-mapped. labels(split): int64 (N,).
    masks(split): uint8 (N, size, size) of 0 and 1, where the dataset knows its evidence, else None.
    Raises UserError when the folder holds no prepared images.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not (self.folder / "meta.json").exists():
            raise UserError(
                f"{self.folder} holds no prepared images: run `dvc repro prepare`, or `python pipelines/prepare.py` with your data options"
            )
        self.meta: dict[str, Any] = read_json(self.folder / "meta.json")
        self.classes: list[str] = self.meta["classes"]
        self.size: int = self.meta["size"]
        self.digest: str = self.meta["digest"]
        self._rows: dict[str, list[dict[str, Any]]] | None = None

    def rows(self, split: str) -> list[dict[str, Any]]:
        """The manifest's rows of a split, in the order of its array; label, row and bytes are integers."""
        if self._rows is None:
            self._rows = {"train": [], "val": [], "test": []}
            with (self.folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
                for row in csv.DictReader(stream):
                    self._rows[row["split"]].append({k: int(v) if k in ("label", "row", "bytes") else v for k, v in row.items()})
        return self._rows[split]

    def images(self, split: str) -> np.ndarray:
        """uint8 (N, size, size, channels), read from disk as it is touched."""
        array: np.ndarray = np.load(self.folder / f"{split}.npy", mmap_mode="r")
        return array

    def labels(self, split: str) -> np.ndarray:
        """int64 (N,): indices into ``classes``."""
        return np.array([row["label"] for row in self.rows(split)], dtype=np.int64)

    def masks(self, split: str) -> np.ndarray | None:
        """uint8 (N, size, size), 1 where the evidence for the class lies; None where nobody knows."""
        path = self.folder / f"masks_{split}.npy"
        return np.load(path, mmap_mode="r") if path.exists() else None
