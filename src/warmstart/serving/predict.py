"""Asking a packaged model about photo files: decoded by its own preprocessing, batch by batch, however many there are."""

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
from warmstart.serving.images import read_file
from warmstart.serving.packaged import BATCH, ask

if TYPE_CHECKING:
    from warmstart.models.image_model import ImageModel
    from warmstart.runtime.devices import DevicePlan


@dataclass(frozen=True)
class Answer:
    """What a model says of a photo. probabilities: float (classes,), summing to 1; or None, with the ``error`` why there are none."""

    path: str
    predicted: str | None
    probabilities: np.ndarray | None
    error: str = ""


def predict_photos(
    model: ImageModel, paths: Iterable[Path], compute: DevicePlan, batch_size: int = BATCH
) -> Iterator[Answer]:
    """Ask about every photo, in order. While one batch is in the network the next is decoded; no more are ever in memory.

    The class of two follows the model's threshold, of more the highest probability. A file that cannot be read is an answer too.
    """
    model = model.to(compute.device).eval()
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        waiting: list[tuple[Path, Future[np.ndarray | str]]] = []
        every = iter(paths)
        while batch := list(islice(every, batch_size)):
            coming = [(path, pool.submit(_decoded, model, path)) for path in batch]
            yield from _asked(model, waiting, compute)
            waiting = coming
        yield from _asked(model, waiting, compute)


def _decoded(model: ImageModel, path: Path) -> np.ndarray | str:
    """The photo as the model takes it, or why there is none."""
    try:
        return read_file(path, model.preprocessing)
    except UnreadableImage as error:
        return str(error)


def _asked(
    model: ImageModel, photos: Sequence[tuple[Path, Future[np.ndarray | str]]], compute: DevicePlan
) -> Iterator[Answer]:
    found = [(path, future.result()) for path, future in photos]
    images = [image for _, image in found if not isinstance(image, str)]
    answers: Iterator[tuple[np.ndarray, np.int64]] = iter(())
    if images:
        answers = iter(zip(*ask(model, np.stack(images), compute), strict=True))
    for path, image in found:
        if isinstance(image, str):
            yield Answer(str(path), None, None, image)
        else:
            row, label = next(answers)
            yield Answer(str(path), model.classes[int(label)], row)
