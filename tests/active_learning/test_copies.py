"""Copies of labelled photos, whatever their split, and of one another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from support import Folders
from warmstart.active_learning.copies import find_copies
from warmstart.active_learning.outline import outline
from warmstart.active_learning.unlabelled import UnlabelledPhotos
from warmstart.dataset.image_store import ImageStore
from warmstart.ingest.critters.generate import generate
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS


@pytest.fixture
def store(probed: Folders) -> ImageStore:
    return ImageStore(probed.images)


def photos(images: np.ndarray) -> UnlabelledPhotos:
    """Photos that look like this, each a file of its own."""
    statistics = np.zeros(len(images), dtype=IMAGE_STATISTICS)
    statistics["width"] = statistics["height"] = 500
    small, statistics["hash"], statistics["mirror"] = outline(images)
    for number in range(len(images)):
        statistics["sha256"][number] = np.void(bytes([1, number] * 16))
    paths = [Path(f"{number}.png") for number in range(len(images))]
    return UnlabelledPhotos(paths, np.empty((len(images), 1)), np.empty((len(images), 2)), statistics, small, [])


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_a_photo_that_looks_like_a_labelled_one_is_its_copy(store: ImageStore, split: str) -> None:
    images = generate(99, range(4), 64).images
    images[1] = store.images(split)[5]
    images[3] = store.images(split)[6][:, ::-1]  # mirrored
    found = find_copies(photos(images), store)
    assert found.labelled.tolist() == [False, True, False, True] and not found.repeated.any()


def test_of_copies_among_themselves_the_first_stays(store: ImageStore) -> None:
    images = generate(99, range(4), 64).images
    images[2] = images[3] = images[0]
    found = find_copies(photos(images), store)
    assert found.repeated.tolist() == [False, False, True, True] and not found.labelled.any()


def test_without_near_copies_the_same_files_alone_are_copies(store: ImageStore) -> None:
    images = generate(99, range(4), 64).images
    images[1], images[2] = store.images("train")[5], images[0]
    made = photos(images)
    made.statistics["sha256"][3] = np.void(bytes.fromhex(store.manifest("val")[2].sha256))
    found = find_copies(made, store, near=False)
    assert found.labelled.tolist() == [False, False, False, True] and not found.repeated.any()
