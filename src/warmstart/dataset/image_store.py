"""The prepared images of a dataset: a manifest, what was decided, and one array on disk a split."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.manifest import MANIFEST_COLUMNS, NUMBERS, SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.files.reading import damage, reading

TABLE = np.dtype([("split", "i1"), ("label", "i8"), ("fold", "i1")])


class ImageStore:
    """What ``prepare`` wrote into a folder.

    images(split): uint8 (N, size, size, channels), read as it is asked for. labels(split): int64 (N,).
    masks(split): uint8 (N, size, size) of 0 and 1, where the dataset knows its evidence, else None.

    fold: with ``data.folds`` k, the images are in k parts, and fold f tests on part f, validates on the next and trains on the
    others; each of ``fold=0`` to ``k - 1`` is a view of the same files. Fold 0 is what the manifest's splits say.
    Raises UserError when the folder holds no prepared images, or not so many folds.
    """

    def __init__(self, folder: str | Path, fold: int = 0) -> None:
        self.folder = Path(folder)
        if not (self.folder / "meta.json").exists():
            raise UserError(
                f"{self.folder} holds no prepared images: run `dvc repro prepare`, or `python pipelines/prepare.py` with your data options"
            )
        self.meta: dict[str, Any] = _checked(self.folder / "meta.json")
        self.classes: list[str] = self.meta["classes"]
        self.size: int = self.meta["size"]
        self.digest: str = self.meta["digest"]
        self.fit: str = self.meta.get("fit", "squash")
        self.folds: int = self.meta.get("folds") or 1
        if not 0 <= fold < self.folds:
            raise UserError(f"{self.folder} has {self.folds} folds; there is no fold {fold}")
        self.fold = fold
        self._columns: np.ndarray | None = None
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def rows(self, split: str) -> list[dict[str, Any]]:
        """The manifest's rows of a split, in the order of its images; label, row, bytes and unit are integers."""
        if split not in self._rows:
            places = self.places(split)
            turn = np.full(len(self._table()), -1)
            turn[places] = np.arange(len(places))
            rows: list[dict[str, Any]] = [{}] * len(places)
            with reading(self.folder / "manifest.csv", "a manifest"):
                for at, row in zip(turn.tolist(), csv.DictReader(self._lines()), strict=True):
                    if at >= 0:
                        rows[at] = {
                            key: int(value) if key in NUMBERS and value else value for key, value in row.items()
                        }
            self._rows[split] = rows
        return self._rows[split]

    def images(self, split: str) -> RowArray:
        """uint8 (N, size, size, channels), read from disk as rows are asked for."""
        names = SPLITS if self.fold else (split,)
        for name in names:
            self._check(self.folder / f"{name}.npy", name, (self.size, self.size, self.meta["channels"]))
        return RowArray([self.folder / f"{name}.npy" for name in names], self.places(split) if self.fold else None)

    def labels(self, split: str) -> np.ndarray:
        """int64 (N,): indices into ``classes``."""
        labels: np.ndarray = self._table()["label"][self.places(split)]
        return labels

    def masks(self, split: str) -> RowArray | None:
        """uint8 (N, size, size), 1 where the evidence for the class lies; None where nobody knows."""
        path = self.folder / f"masks_{split}.npy"
        if self.fold or not path.exists():
            return None
        self._check(path, split, (self.size, self.size))
        return RowArray([path])

    def places(self, split: str) -> np.ndarray:
        """int64 (N,): where the images of a split lie when train.npy, val.npy and test.npy are laid end to end."""
        number = SPLITS.index(split)
        table = self._table()
        if not self.fold:
            return np.flatnonzero(table["split"] == number)
        turn = (table["fold"].astype(np.int64) - self.fold) % self.folds
        members = {"train": turn > 1, "val": turn == 1, "test": turn == 0}
        # An order that mixes the classes, as the files have it.
        return np.random.default_rng([self.fold, number]).permutation(np.flatnonzero(members[split]))

    def _table(self) -> np.ndarray:
        """The columns that decide who is where, ``TABLE`` (N,), in the order of the manifest, which is that of the files."""
        if self._columns is None:
            number: dict[str, int] = {name: code for code, name in enumerate(SPLITS)}
            with reading(self.folder / "manifest.csv", "a manifest"):
                lines = csv.reader(self._lines())
                if tuple(next(lines, ())) != MANIFEST_COLUMNS:
                    raise ValueError("its columns are others")
                split, label, fold = (MANIFEST_COLUMNS.index(name) for name in ("split", "label", "fold"))
                table = np.fromiter(
                    ((number[line[split]], int(line[label]), int(line[fold] or 0)) for line in lines), dtype=TABLE
                )
                counts = {name: int((table["split"] == code).sum()) for name, code in number.items()}
                if counts != self.meta["counts"]:
                    raise ValueError(f"it lists {counts}, and meta.json {self.meta['counts']}")
                if len(table) and not (table["label"].min() >= 0 and table["label"].max() < len(self.classes)):
                    raise ValueError("it has labels of no class")
            self._columns = table
        return self._columns

    def _check(self, path: Path, split: str, shape: tuple[int, ...]) -> None:
        """Refuse (UserError) an array whose rows are not uint8 of this shape, one for each image of the split."""
        rows, wanted = RowArray([path]), (self.meta["counts"][split], *shape)
        if rows.shape != wanted or rows.dtype != np.uint8:
            raise damage(path, f"it is {rows.dtype} {rows.shape}, and should be uint8 {wanted}")

    def _lines(self) -> Iterator[str]:
        with (self.folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
            yield from stream


def _checked(path: Path) -> dict[str, Any]:
    """The content of meta.json. Raises UserError where keys are missing or hold something else."""
    meta: dict[str, Any] = read_json(path, "dataset", "classes", "size", "channels", "digest", "counts")
    kinds = {"dataset": str, "classes": list, "size": int, "channels": int, "digest": str, "counts": dict}
    wrong = [key for key, kind in kinds.items() if not isinstance(meta[key], kind)]
    wrong += ["classes"] if not wrong and not all(isinstance(name, str) for name in meta["classes"]) else []
    wrong += ["counts"] if not wrong and not all(isinstance(meta["counts"].get(split), int) for split in SPLITS) else []
    wrong += ["folds"] if not isinstance(meta.get("folds") or 1, int) else []
    if wrong:
        raise damage(path, f"its {wrong[0]!r} is {meta.get(wrong[0])!r}"[:120])
    return meta
