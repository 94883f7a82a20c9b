"""Every photo of a source looked at once: decoded, measured, and its faults named. What is decided comes after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from warmstart.ingest.decoding.decode_files import decode_files
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS
from warmstart.ingest.sizes import Decoded
from warmstart.ingest.sources.listing import Listing
from warmstart.records.images import SkippedFile
from warmstart.runtime.progress import progress


@dataclass
class Catalogue:
    """The photos of a source in the order of its listing, as columns of one row a photo.

    paths, labels (int64, indices into ``classes``), splits (the ready-made one, or None), groups (what its photos have
    in common, or None). statistics: structured array of ``IMAGE_STATISTICS``, zeros where a photo cannot be read. rows:
    int64, the photo's row among the decoded images, -1 where there is none. reasons: photo → why it cannot be used.
    skipped: files that are no candidates, {path, reason}. mask: of a path, the bytes of its mask, where the source has
    masks. notes: how the source was understood.
    """

    paths: list[str]
    classes: list[str]
    labels: np.ndarray
    splits: list[str | None]
    groups: list[str | None]
    statistics: np.ndarray
    rows: np.ndarray
    reasons: dict[int, str] = field(default_factory=dict)
    skipped: list[SkippedFile] = field(default_factory=list)
    mask: Callable[[str], bytes] | None = None
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.paths)


def catalogue_files(listing: Listing, decoded: Sequence[Decoded], workers: int) -> Catalogue:
    """Decode and measure every photo of ``listing`` into each of ``decoded``, the first of which is of the dataset's
    size. workers: processes, 0 for one a core.
    """
    entries = listing.entries
    label_of = {name: label for label, name in enumerate(listing.classes)}
    catalogue = Catalogue(
        [entry.path for entry in entries],
        list(listing.classes),
        np.array([label_of[entry.class_name] for entry in entries], dtype=np.int64),
        [entry.split for entry in entries],
        [entry.group for entry in entries],
        np.zeros(len(entries), dtype=IMAGE_STATISTICS),
        np.full(len(entries), -1, dtype=np.int64),
        skipped=list(listing.skipped),
        mask=listing.mask,
        notes=list(listing.notes),
    )
    first, *others = (each.preprocessing for each in decoded)
    photos = decode_files(catalogue.paths, listing, first, workers, others)
    for index, photo in enumerate(progress(photos, "decoding", total=len(entries))):
        catalogue.statistics[index] = photo.statistics
        if photo.image is None:
            catalogue.reasons[index] = photo.reason
        else:
            catalogue.rows[index] = decoded[0].rows.count
            for each, image in zip(decoded, (photo.image, *photo.resized), strict=True):
                each.rows.append(image[None])
    return catalogue
