"""Copies among unlabelled photos, and of photos that are labelled already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from warmstart.active_learning.outline import outline
from warmstart.active_learning.unlabelled import UnlabelledPhotos
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS
from warmstart.ingest.duplicates.find import find_duplicates
from warmstart.runtime.progress import progress

BLOCK = 64  # images that are read at once


@dataclass(frozen=True)
class Copies:
    """Of N unlabelled photos. labelled: bool (N,), copies of labelled photos. repeated: bool (N,), of the others, those
    that are copies of an earlier one.
    """

    labelled: np.ndarray
    repeated: np.ndarray


def find_copies(photos: UnlabelledPhotos, store: ImageStore, *, near: bool = True) -> Copies:
    """Compare the photos with one another and with all images of ``store``, as ``prepare`` compares photos: by bytes
    and, unless the dataset is one in which near copies are not looked for, by perceptual hash and pixels.
    """
    statistics, small = _labelled(store, near)
    known, number = len(statistics), len(statistics) + len(photos.paths)
    catalogue = Catalogue(
        [""] * number, [], np.zeros(number, dtype=np.int64), [None] * number, [None] * number,
        np.concatenate([statistics, photos.statistics]), np.arange(number),
    )  # fmt: skip
    # An array in memory is indexed as one on disk is.
    decoded = cast(RowArray, np.concatenate([small, photos.small]))
    first = find_duplicates(catalogue, decoded, near=near).units(number)[known:]
    return Copies(first < known, (first >= known) & (first != np.arange(known, number)))


def _labelled(store: ImageStore, near: bool) -> tuple[np.ndarray, np.ndarray]:
    """Statistics and small copies of all images of a dataset, those that copies are found by."""
    counts = {split: store.prepared.counts.of(split) for split in SPLITS}
    statistics = np.zeros(sum(counts.values()), dtype=IMAGE_STATISTICS)
    small = np.zeros((len(statistics), 32, 32, 3), dtype=np.uint8)
    statistics["width"] = statistics["height"] = store.prepared.size
    at = 0
    for split in SPLITS:
        for place, row in enumerate(store.manifest(split)):
            if row.sha256:
                statistics["sha256"][at + place] = np.void(bytes.fromhex(row.sha256))
        if near:
            images, starts = store.images(split), range(0, counts[split], BLOCK)
            for start in progress(starts, f"comparing with {split} photos", len(starts)):
                found = outline(images[start : start + BLOCK])
                block = slice(at + start, at + start + len(found[0]))
                small[block], statistics["hash"][block], statistics["mirror"][block] = found
        at += counts[split]
    return statistics, small
