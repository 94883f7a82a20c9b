"""Curating photos: which are left out and why, which labels are corrected, and which photos stay together
in a split.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from warmstart.config.data_schema import Photos
from warmstart.dataset.manifest import SPLITS
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.corrections import Corrections, read_corrections
from warmstart.ingest.duplicates.find import Duplicates
from warmstart.ingest.splitting.assignment import UNASSIGNED
from warmstart.ingest.splitting.leaks import Leak, find_leaks, resolve_leaks


@dataclass
class Curation:
    """labels: int64 (N,), after corrections. units: int64 (N,); photos of one unit stay in one split. ready: int8 (N,),
    the ready-made split as an index into ``SPLITS``, -1 for none. original_classes: photo → the class that the source
    gave, where it was corrected. left_out: photo → why it is not used. conflicts: photos that are the same and labelled
    differently.
    """

    labels: np.ndarray
    units: np.ndarray
    ready: np.ndarray
    original_classes: dict[int, str] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    duplicates: Duplicates = field(default_factory=Duplicates)
    conflicts: list[list[int]] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    on_leak: str = "stop"
    corrections: Corrections = field(default_factory=Corrections)

    def usable(self) -> np.ndarray:
        """int64 (M,): the photos that are not left out, in order."""
        keep = np.ones(len(self.labels), dtype=bool)
        keep[list(self.left_out)] = False
        return np.flatnonzero(keep)


def curate(catalogue: Catalogue, duplicates: Duplicates, data: Photos) -> Curation:
    """Decide on every photo file of ``catalogue``. data: the group of the configuration.

    Of exact copies the first stays; where their labels differ none does, unless corrections say which is right. Copies
    in two parts of a ready-made split are a leak, as near duplicates and groups are there. Raises UserError.
    """
    curation = _uncurated(catalogue, duplicates)
    curation.left_out = dict(catalogue.reasons)
    if data.corrections:
        _correct(catalogue, curation, read_corrections(data.corrections, catalogue.paths, catalogue.classes))
    gone = set(curation.left_out)
    for group in duplicates.exact:
        _resolve_copies(catalogue, curation, group)
    for pair in duplicates.near:
        if curation.labels[pair.a] != curation.labels[pair.b] and not gone & {pair.a, pair.b}:
            curation.conflicts.append([pair.a, pair.b])
    curation.on_leak = data.on_leak
    curation.leaks = _leaks(catalogue, curation)
    leaving = resolve_leaks(curation.leaks, data.on_leak, curation.units, _splits(curation), catalogue.paths, data.name)
    curation.left_out |= leaving
    return curation


def curate_arrays(catalogue: Catalogue, duplicates: Duplicates) -> Curation:
    """Decide on images of a published set: all stay, for such sets are compared by their published numbers of images.
    Equal ones stay together where the split is ours.
    """
    curation = _uncurated(catalogue, duplicates)
    curation.on_leak = "allow"
    curation.leaks = _leaks(catalogue, curation)
    curation.conflicts = [group for group in duplicates.exact if len(set(curation.labels[group].tolist())) > 1]
    return curation


def _uncurated(catalogue: Catalogue, duplicates: Duplicates) -> Curation:
    """Every photo with its own label, its ready-made split and its unit, which has the number of its first photo."""
    units = duplicates.units(len(catalogue), list(_group_links(catalogue.groups)))
    first = np.full(int(units.max(initial=0)) + 1, len(catalogue))
    np.minimum.at(first, units, np.arange(len(catalogue)))
    number: dict[str, int] = {name: code for code, name in enumerate(SPLITS)}
    ready = np.array([UNASSIGNED if split is None else number[split] for split in catalogue.splits], dtype=np.int8)
    return Curation(catalogue.labels.copy(), first[units], ready, duplicates=duplicates)


def _group_links(groups: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Each photo of a group with the first of it."""
    first: dict[str, int] = {}
    for photo, group in enumerate(groups):
        if group is not None and first.setdefault(group, photo) != photo:
            yield first[group], photo


def _splits(curation: Curation) -> np.ndarray:
    """int8 (N,): the ready-made splits, what has none in training; -1 for photos left out, and for all where no split
    is ready-made.
    """
    splits = np.full(len(curation.labels), UNASSIGNED, dtype=np.int8)
    if (curation.ready != UNASSIGNED).any():
        usable = curation.usable()
        splits[usable] = np.maximum(curation.ready[usable], 0)
    return splits


def _leaks(catalogue: Catalogue, curation: Curation) -> list[Leak]:
    return find_leaks(curation.duplicates, catalogue.groups, curation.units, _splits(curation))


def _correct(catalogue: Catalogue, curation: Curation, corrections: Corrections) -> None:
    curation.corrections = corrections
    for photo, label in corrections.labels.items():
        _relabel(catalogue, curation, photo, label)
    for photo in sorted(corrections.dropped):
        curation.left_out.setdefault(photo, f"corrected to drop by {corrections.file}")


def _relabel(catalogue: Catalogue, curation: Curation, photo: int, label: int) -> None:
    curation.labels[photo] = label
    if label != catalogue.labels[photo]:
        curation.original_classes[photo] = catalogue.classes[catalogue.labels[photo]]


def _resolve_copies(catalogue: Catalogue, curation: Curation, group: Sequence[int]) -> None:
    """Keep the first of exact copies in each ready-made split, or none where their labels differ there."""
    for gone in curation.corrections.dropped & set(group):
        # A drop holds for the copies too, but of two labels it may be there to settle which is right.
        for photo in group:
            if catalogue.labels[photo] == catalogue.labels[gone] and photo not in curation.corrections.labels:
                curation.left_out.setdefault(
                    photo, f"the same file as {catalogue.paths[gone]}, which {curation.corrections.file} drops"
                )
    left = [photo for photo in group if photo not in curation.left_out]
    said = {curation.corrections.labels[photo] for photo in left if photo in curation.corrections.labels}
    if len(said) == 1:  # what a person said of one copy holds for all
        for photo in left:
            _relabel(catalogue, curation, photo, *said)
    labels = curation.labels
    if len({int(labels[photo]) for photo in left}) > 1:
        curation.conflicts.append(left)
    parts = defaultdict(list)
    for photo in left:
        parts[max(0, int(curation.ready[photo]))].append(photo)
    for copies in parts.values():
        other = {photo: next((q for q in copies if labels[q] != labels[photo]), None) for photo in copies}
        for photo, twin in other.items():
            if twin is not None:
                curation.left_out[photo] = (
                    f"the same photo as {catalogue.paths[twin]}, which is labelled {catalogue.classes[labels[twin]]}"
                )
            elif photo != copies[0]:
                curation.left_out[photo] = f"the same file as {catalogue.paths[copies[0]]}"
