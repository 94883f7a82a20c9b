"""The images at every size that recipes are trained at: the dataset's own in one folder, each other one beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from warmstart.config.data_schema import Data
from warmstart.dataset.image_store import RESIZED_META
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.row_array import RowArray, RowWriter
from warmstart.files.digest import sha256_file
from warmstart.files.plain import write_text
from warmstart.records.images import PreparedImages
from warmstart.records.resized import ResizedImages

DECODED = ".decoded.npy"
IMAGES_AT_ONCE = 256


@dataclass(frozen=True)
class Decoded:
    """Where photos go as they are decoded, at one size: uint8 (N, size, size, channels) in the file ``rows``."""

    preprocessing: Preprocessing
    rows: RowWriter

    @property
    def folder(self) -> Path:
        """The folder of the images of this size."""
        return self.rows.path.parent


def preprocessing_of(data: Data) -> Preprocessing:
    """The preprocessing that the configuration asks for. Raises UserError."""
    return Preprocessing(data.size, data.channels, data.resize, fit=data.fit)


def other_sizes(data: Data, sizes: Iterable[int]) -> list[int]:
    """Of ``sizes`` those that are not the dataset's, ascending, each once."""
    return sorted(set(sizes) - {data.size})


@contextmanager
def decoded_files(data: Data, sizes: Sequence[int], folder: Path, resized: Path) -> Iterator[list[Decoded]]:
    """A file for the decoded photos of each size, the dataset's first, closed and then removed at the end.

    folder: of the images of the dataset's size. resized: holds a folder for each of the other ``sizes``.
    """
    first, folders = preprocessing_of(data), [folder, *(resized / str(size) for size in sizes)]
    with ExitStack() as stack:
        found = []
        for place, size in zip(folders, (data.size, *sizes), strict=True):
            place.mkdir(exist_ok=True)
            stack.callback((place / DECODED).unlink, missing_ok=True)
            writer = stack.enter_context(RowWriter(place / DECODED, (size, size, data.channels)))
            found.append(Decoded(replace(first, size=size), writer))
        yield found


def write_images(decoded: RowArray, rows: np.ndarray, order: Mapping[str, np.ndarray], folder: Path) -> None:
    """Write ``<split>.npy`` into ``folder``. rows: of each photo in ``decoded``. order: split → its photos."""
    for split, members in order.items():
        with RowWriter(folder / f"{split}.npy", decoded.shape[1:]) as images:
            for start in range(0, len(members), IMAGES_AT_ONCE):
                images.append(decoded[rows[members[start : start + IMAGES_AT_ONCE]]])


def write_resized_meta(prepared: PreparedImages, sizes: Sequence[int], resized: Path) -> None:
    """Write meta.json into the folder of each of ``sizes`` below ``resized``; without any, a file that says so."""
    for size in sizes:
        folder = resized / str(size)
        pixels = {split: sha256_file(folder / f"{split}.npy") for split in SPLITS}
        ResizedImages(size, prepared.digest, pixels).write(folder / RESIZED_META)  # type: ignore[arg-type]
    if not sizes:
        write_text(resized / "none", "Every recipe is trained on images of the dataset's own size.\n")
