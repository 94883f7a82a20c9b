"""IDX files, the format in which MNIST is published: a magic number, the shape in big-endian integers, then
the bytes.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from warmstart.config.data_schema import Idx
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.sources.arrays import ImageArrays
from warmstart.ingest.sources.published import fetch_published
from warmstart.ingest.sources.walk import why_not_read

UNSIGNED_BYTES = 0x08
INSTEAD = (
    "fetch the four files on a connected machine and set data.folder to their folder "
    "(under DVC: set.data.folder in params.yaml)"
)


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read an IDX file of unsigned bytes, gzipped or not: uint8, with so many dimensions.

    Raises UserError, naming the file, when it cannot be read or is something else.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}") from None
    start = 4 + 4 * dimensions
    if len(data) < start or data[:4] != bytes([0, 0, UNSIGNED_BYTES, dimensions]):
        raise UserError(
            f"{path} is not an IDX file of {'images' if dimensions == 3 else 'labels'} (unsigned bytes, {dimensions} "
            f"dimensions)"
        )
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    if len(data) - start != math.prod(shape):
        raise UserError(
            f"{path} is damaged: its header promises {' × '.join(map(str, shape))} bytes, but {len(data) - start:,} "
            f"follow; fetch it again"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def read_idx_set(data: Idx) -> ImageArrays:
    """Training and test images with their ready-made split, from ``data.folder``, or fetched and checked by size and
    sha256.

    data: the group of the configuration. Raises UserError where a file cannot be had, or where the four do not belong
    together.
    """
    images, labels, paths, splits = [], [], [], []
    for split in ("train", "test"):
        image_path, label_path = (find_file(data, f"{split}_{what}") for what in ("images", "labels"))
        images.append(read_idx(image_path, 3))
        labels.append(read_idx(label_path, 1))
        n = len(images[-1])
        if n != len(labels[-1]):
            raise UserError(f"{label_path} has {len(labels[-1]):,} labels, but {image_path} has {n:,} images")
        if n and int(labels[-1].max()) >= len(data.classes):
            raise UserError(
                f"{label_path} has label {labels[-1].max()}, but data.classes names {len(data.classes)} classes"
            )
        paths += [f"{split}/{index:05d}" for index in range(n)]
        splits += [split] * n
    if images[0].shape[1:] != images[1].shape[1:]:
        shapes = " and ".join(" × ".join(map(str, part.shape[1:])) for part in images)
        raise UserError(f"{image_path}: training and test images differ in size ({shapes} pixels)")
    return ImageArrays(
        np.concatenate(images), np.concatenate(labels).astype(np.int64), paths, [*splits], list(data.classes)
    )


def find_file(data: Idx, which: str) -> Path:
    """The file ``files[which]`` of the options in ``data.folder``, gzipped or not, or fetched. Raises UserError where
    it cannot be had.
    """
    if not data.folder:
        return fetch_published(data, which, INSTEAD)
    folder, name = Path(expand_user(data.folder)), data.files[which].name
    if not folder.is_dir():
        raise UserError(
            f"data.folder: {folder} "
            f"{'is a file: give the folder that holds it' if folder.exists() else 'does not exist'}"
        )
    for candidate in (folder / name, folder / name.removesuffix(".gz")):
        if why_not_read(candidate) is None:
            return candidate
    raise UserError(f"data.folder: {folder} has no {name}, with or without .gz")
