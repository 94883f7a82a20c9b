"""Unlabelled photos: their features, what the network says of them, and what copies of photos are found by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.active_learning.labelled import features_and_probabilities
from warmstart.active_learning.outline import outline
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.decoding.image_file import UnreadableImage
from warmstart.ingest.decoding.decode_files import Photo, decode_file
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import DevicePlan
from warmstart.runtime.progress import progress
from warmstart.serving.packaged import BATCH_SIZE
from warmstart.serving.read_images import read_bytes

MAX_DECODERS = 8


@dataclass(frozen=True)
class UnlabelledPhotos:
    """Photos that could be read, and why others could not.

    vectors: features, float32 (N, D). probabilities: float64 (N, classes). statistics: ``IMAGE_STATISTICS`` (N,), with
    the hashes of the prepared image. small: uint8 (N, 32, 32, 3). A photo takes some 10 kB of memory.
    """

    paths: list[Path]
    vectors: np.ndarray
    probabilities: np.ndarray
    statistics: np.ndarray
    small: np.ndarray
    unreadable: list[tuple[Path, str]]

    def take(self, rows: np.ndarray) -> UnlabelledPhotos:
        """Some of the photos, int64 (M,)."""
        return UnlabelledPhotos(
            [self.paths[row] for row in rows.tolist()], self.vectors[rows], self.probabilities[rows],
            self.statistics[rows], self.small[rows], self.unreadable,
        )  # fmt: skip


def read_unlabelled(paths: Sequence[Path], model: ImageModel, compute: DevicePlan) -> UnlabelledPhotos:
    """Read photos, decoded and prepared as in training, a batch at a time."""
    readable: list[Path] = []
    unreadable: list[tuple[Path, str]] = []
    parts: list[tuple[np.ndarray, ...]] = []
    batches = -(-len(paths) // BATCH_SIZE)
    for batch in progress(_decoded(paths, model.preprocessing), "reading photos", batches):
        good = [(path, photo.statistics, photo.image) for path, photo in batch if photo.image is not None]
        unreadable += [(path, photo.reason) for path, photo in batch if photo.image is None]
        if good:
            readable += [path for path, _, _ in good]
            images = np.stack([image for _, _, image in good])
            measured = np.array([statistics for _, statistics, _ in good], dtype=IMAGE_STATISTICS)
            small, measured["hash"], measured["mirror"] = outline(images)
            parts.append((*features_and_probabilities(model, images, compute), measured, small))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    vectors, probabilities, statistics, small = columns or [np.empty(0)] * 4
    return UnlabelledPhotos(readable, vectors, probabilities, statistics, small, unreadable)


def _decoded(paths: Sequence[Path], preprocessing: Preprocessing) -> Iterator[list[tuple[Path, Photo]]]:
    """Batches of photos; while one is in use the next is decoded."""
    with ThreadPoolExecutor(min(MAX_DECODERS, os.cpu_count() or 1)) as pool:
        waiting: list[tuple[Path, Future[Photo]]] = []
        for start in range(0, len(paths), BATCH_SIZE):
            coming = [(path, pool.submit(_decode, path, preprocessing)) for path in paths[start : start + BATCH_SIZE]]
            if waiting:
                yield [(path, future.result()) for path, future in waiting]
            waiting = coming
        if waiting:
            yield [(path, future.result()) for path, future in waiting]


def _decode(path: Path, preprocessing: Preprocessing) -> Photo:
    try:
        data = read_bytes(path)
    except UnreadableImage as error:
        return Photo(np.zeros((), dtype=IMAGE_STATISTICS), None, str(error))
    return decode_file(str(path), lambda _: data, preprocessing)
