"""The prepared images of a dataset at one size: their description, the manifest, and an array for each split."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.errors import UserError
from warmstart.files.digest import digest
from warmstart.files.reading import damage
from warmstart.records.images import PreparedImages
from warmstart.records.manifest import ManifestRow
from warmstart.records.resized import ResizedImages

RESIZED, RESIZED_META = "resized", "meta.json"  # beside the images: a folder for each other size, and its description
ASSIGNMENT = np.dtype([("split", "i1"), ("label", "i8"), ("fold", "i1")])


class ImageStore:
    """A folder of prepared images, as ``prepare`` writes it.

    images(split): uint8 (N, size, size, channels), read when rows are asked for. labels(split): int64 (N,).
    masks(split): uint8 (N, size, size) of 0 and 1, where the dataset knows the evidence of its classes, else None.

    fold: with ``data.folds`` k, the images are in k parts. Fold f tests on part f, validates on the next and trains on
    the others; each of ``fold=0`` to ``k - 1`` is a view of the same files. Fold 0 has the manifest's splits.
    size: side in pixels; None: the dataset's. Images of other sizes are in a folder beside this one, with the same
    manifest. digest: of the dataset, whatever the size. pixels_digest: of the images at this size.
    Raises UserError if the folder holds no prepared images, none of this size, or fewer folds.
    """

    def __init__(self, folder: str | Path, fold: int = 0, *, size: int | None = None) -> None:
        self.folder = Path(folder)
        if not (self.folder / "meta.json").exists():
            raise UserError(
                f"{self.folder} holds no prepared images: run `dvc repro prepare`, or `python pipelines/prepare.py` "
                "with your data options"
            )
        self.prepared = PreparedImages.read(self.folder / "meta.json")
        self.classes, self.channels, self.fit = self.prepared.classes, self.prepared.channels, self.prepared.fit
        self.digest = self.pixels_digest = self.prepared.digest
        self.folds, self.size = self.prepared.folds or 1, size or self.prepared.size
        self.arrays = self.folder  # of the images
        if self.size != self.prepared.size:
            self.arrays = resized_folder(self.folder, self.size)
            self.pixels_digest = self._resized_digest()
        if not 0 <= fold < self.folds:
            raise UserError(f"{self.folder} has {self.folds} folds; there is no fold {fold}")
        self.fold = fold
        self._assignment: np.ndarray | None = None
        self._manifest: dict[str, list[ManifestRow]] = {}

    def manifest(self, split: str) -> list[ManifestRow]:
        """The manifest's rows of a split, in the order of its images."""
        if split not in self._manifest:
            indices = self.indices(split)
            position = np.full(len(self._assignments()), -1)
            position[indices] = np.arange(len(indices))
            found: dict[int, ManifestRow] = {}
            for at, row in zip(position.tolist(), ManifestRow.iter_rows(self.folder / "manifest.csv"), strict=True):
                if at >= 0:
                    found[at] = row
            self._manifest[split] = [found[at] for at in range(len(indices))]
        return self._manifest[split]

    def images(self, split: str) -> RowArray:
        """uint8 (N, size, size, channels), read from disk when rows are asked for."""
        names = SPLITS if self.fold else (split,)
        for name in names:
            self._check(self.arrays / f"{name}.npy", name, (self.size, self.size, self.channels))
        return RowArray([self.arrays / f"{name}.npy" for name in names], self.indices(split) if self.fold else None)

    def labels(self, split: str) -> np.ndarray:
        """int64 (N,): indices into ``classes``."""
        labels: np.ndarray = self._assignments()["label"][self.indices(split)]
        return labels

    def masks(self, split: str) -> RowArray | None:
        """uint8 (N, size, size), 1 where the evidence for the class lies; None where it is not known."""
        path = self.arrays / f"masks_{split}.npy"
        if self.fold or not path.exists():
            return None
        self._check(path, split, (self.size, self.size))
        return RowArray([path])

    def indices(self, split: str) -> np.ndarray:
        """int64 (N,): the images of a split as indices into train.npy, val.npy and test.npy, concatenated."""
        number = SPLITS.index(split)
        table = self._assignments()
        if not self.fold:
            return np.flatnonzero(table["split"] == number)
        part = (table["fold"].astype(np.int64) - self.fold) % self.folds
        members = {"train": part > 1, "val": part == 1, "test": part == 0}
        # An order that mixes the classes, as the files have it.
        return np.random.default_rng([self.fold, number]).permutation(np.flatnonzero(members[split]))

    def _assignments(self) -> np.ndarray:
        """Split, label and fold of each image, ``ASSIGNMENT`` (N,), in the order of the manifest and of the files."""
        if self._assignment is None:
            path, number = self.folder / "manifest.csv", {str(name): code for code, name in enumerate(SPLITS)}
            lines = ManifestRow.iter_columns(path, "split", "label", "fold")
            table = np.fromiter(((number[split], label, fold or 0) for split, label, fold in lines), dtype=ASSIGNMENT)
            counts = {name: int((table["split"] == code).sum()) for name, code in number.items()}
            expected = {name: self.prepared.counts.of(name) for name in SPLITS}
            if counts != expected:
                raise damage(path, f"it lists {counts}, and meta.json {expected}", ManifestRow.WHAT)
            if len(table) and not (table["label"].min() >= 0 and table["label"].max() < len(self.classes)):
                raise damage(path, "it has labels of no class", ManifestRow.WHAT)
            self._assignment = table
        return self._assignment

    def _resized_digest(self) -> str:
        path = self.arrays / RESIZED_META
        resized = ResizedImages.read(path) if path.exists() else None
        if resized is None or (resized.images, resized.size) != (self.digest, self.size):
            raise UserError(
                f"{self.folder} has no images of {self.size} px: run `dvc repro prepare`, or `python "
                f"pipelines/prepare.py` with your data options and recipe.size={self.size}"
            )
        return digest({"images": self.digest, "pixels": resized.pixels})

    def _check(self, path: Path, split: str, shape: tuple[int, ...]) -> None:
        """Refuse (UserError) an array whose rows are not uint8 of this shape, one for each image of the split."""
        rows, expected = RowArray([path]), (self.prepared.counts.of(split), *shape)
        if rows.shape != expected or rows.dtype != np.uint8:
            raise damage(path, f"it is {rows.dtype} {rows.shape}, and should be uint8 {expected}")


def resized_folder(images_dir: Path, size: int) -> Path:
    """Where the images of ``images_dir`` are at another size than that of the dataset."""
    return images_dir.with_name(RESIZED) / str(size)
