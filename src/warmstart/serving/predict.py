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

from warmstart.data.sources.suffixes import IMAGE_SUFFIXES
from warmstart.errors import UserError

if TYPE_CHECKING:
    from warmstart.compute import Compute
    from warmstart.models.image_model import ImageModel

BATCH = 32


@dataclass(frozen=True)
class Answer:
    """What a model says of a photo. probabilities: float (classes,), summing to 1; or None, with the ``error`` why there are none."""

    path: str
    predicted: str | None
    probabilities: np.ndarray | None
    error: str = ""


def find_photos(places: Iterable[str | Path], passed_over: list[str] | None = None) -> Iterator[Path]:
    """The files named, and the photos in the folders named, each folder in order of names, one at a time.

    passed_over: takes the suffix of every file in a folder that has none of an image. Raises UserError for a place that does not exist.
    """
    for place in map(Path, places):
        if place.is_dir():
            yield from _below(place, passed_over, set())
        elif place.exists():
            yield place
        else:
            raise UserError(f"{place} does not exist: name photos, or folders of photos")


def predict_photos(model: ImageModel, paths: Iterable[Path], compute: Compute, batch_size: int = BATCH) -> Iterator[Answer]:
    """Ask about every photo, in order. While one batch is in the network the next is decoded; no more are ever in memory.

    The class of two follows the model's threshold, of more the highest probability.
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


def _below(folder: Path, passed_over: list[str] | None, above: set[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:  # a link that leads back
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror}") from None
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(path, passed_over, above | {real})
        elif path.suffix.lower() in IMAGE_SUFFIXES:
            yield path
        elif passed_over is not None:
            passed_over.append(path.suffix.lower() or "no suffix")


def _decoded(model: ImageModel, path: Path) -> np.ndarray | str:
    """The photo as the model wants it, or why there is none."""
    from warmstart.data.decoding.image_file import UnreadableImage

    try:
        return model.preprocessing.decode(path.read_bytes())
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except UnreadableImage as error:
        return str(error)


def _asked(model: ImageModel, photos: Sequence[tuple[Path, Future[np.ndarray | str]]], compute: Compute) -> Iterator[Answer]:
    import torch

    from warmstart.models.decision import decide

    found = [(path, future.result()) for path, future in photos]
    images = [image for _, image in found if not isinstance(image, str)]
    answers: Iterator[tuple[np.ndarray, np.int64]] = iter(())
    if images:
        with compute.autocast():
            probabilities = model.predict_proba(torch.from_numpy(np.stack(images)).to(compute.device)).cpu().double().numpy()
        answers = iter(zip(probabilities, decide(probabilities, model.threshold), strict=True))
    for path, image in found:
        if isinstance(image, str):
            yield Answer(str(path), None, None, image)
        else:
            row, label = next(answers)
            yield Answer(str(path), model.classes[int(label)], row)
