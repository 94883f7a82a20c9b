"""Predicting photo files: decoded by the model's own preprocessing, batch by batch, however many there are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from warmstart.decoding.image_file import UnreadableImage
from warmstart.serving.packaged import BATCH_SIZE, is_unsure, predict_batch
from warmstart.serving.read_images import read_file

if TYPE_CHECKING:
    from warmstart.models.image_model import ImageModel
    from warmstart.runtime.devices import DevicePlan

_MAX_DECODERS = 8


@dataclass(frozen=True)
class Prediction:
    """Of a photo. predicted: the class. probabilities: float64 (classes,), summing to 1. confidence: the probability of
    the class. unsure: whether that is below the package's limit, None where the package has none.

    All are None where the photo cannot be read, for the reason in ``error``.
    """

    path: str
    predicted: str | None
    probabilities: np.ndarray | None
    error: str = ""
    confidence: float | None = None
    unsure: bool | None = None


def predict_photos(
    model: ImageModel, paths: Iterable[Path], compute: DevicePlan, batch_size: int = BATCH_SIZE
) -> Iterator[Prediction]:
    """Predict every photo, in order. While one batch is in the network the next is decoded; no more are ever in memory.

    Two classes are decided by the model's threshold, more by the highest probability. A file that cannot be read is a
    prediction with an error.
    """
    model = model.to(compute.device).eval()
    with ThreadPoolExecutor(min(_MAX_DECODERS, os.cpu_count() or 1)) as pool:
        waiting: list[tuple[Path, Future[np.ndarray | str]]] = []
        remaining = iter(paths)
        while batch := list(islice(remaining, batch_size)):
            coming = [(path, pool.submit(_decoded, model, path)) for path in batch]
            yield from _predicted(model, waiting, compute)
            waiting = coming
        yield from _predicted(model, waiting, compute)


def _decoded(model: ImageModel, path: Path) -> np.ndarray | str:
    try:
        return read_file(path, model.preprocessing)
    except UnreadableImage as error:
        return str(error)


def _predicted(
    model: ImageModel, photos: Sequence[tuple[Path, Future[np.ndarray | str]]], compute: DevicePlan
) -> Iterator[Prediction]:
    found = [(path, future.result()) for path, future in photos]
    images = [image for _, image in found if not isinstance(image, str)]
    outputs = iter(zip(*predict_batch(model, np.stack(images), compute), strict=True)) if images else iter(())
    for path, image in found:
        if isinstance(image, str):
            yield Prediction(str(path), None, None, image)
        else:
            row, label = next(outputs)
            confidence = float(row[label])
            unsure = is_unsure(model, confidence)
            yield Prediction(str(path), model.classes[int(label)], row, confidence=confidence, unsure=unsure)
