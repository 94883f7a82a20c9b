"""Which split each photo is in, and the splits on disk: an array each, and the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.config.data_schema import Collection
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.errors import UserError
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.curation import Curation
from warmstart.ingest.sizes import write_images
from warmstart.ingest.splitting.assignment import UNASSIGNED
from warmstart.ingest.splitting.split import choose_folds, choose_splits
from warmstart.records.images import SplitCounts
from warmstart.records.manifest import ManifestRow


@dataclass(frozen=True)
class SplitAssignment:
    """splits: int8 (N,), indices into ``SPLITS``, -1 for unused photos. folds: int8 (N,), None without folds."""

    splits: np.ndarray
    folds: np.ndarray | None = None

    @property
    def counts(self) -> SplitCounts:
        """Photos in each split."""
        return SplitCounts(*(int((self.splits == number).sum()) for number in range(len(SPLITS))))


def assign_splits(catalogue: Catalogue, curation: Curation, data: Collection) -> SplitAssignment:
    """Choose the split, or the fold, of every photo that is not left out. Raises UserError."""
    usable = curation.usable()
    labels, units, ready = curation.labels[usable], curation.units[usable], curation.ready[usable]
    splits = np.full(len(catalogue), UNASSIGNED, dtype=np.int8)
    if not data.folds:
        splits[usable] = choose_splits(labels, units, ready, catalogue.classes, data)
        return SplitAssignment(splits)
    if (curation.ready != UNASSIGNED).any():
        raise UserError(
            f"data.folds={data.folds} shares all photos out anew, but {data.name} comes with a split of its own: leave "
            "out --folds (data.folds: null), or remove the split's folders (or the table's column split)"
        )
    folds = splits.copy()
    folds[usable] = choose_folds(labels, units, catalogue.classes, data)
    # Fold 0: tested on part 0, validated on part 1, trained on the others. The last place is for -1.
    train, val, test = range(len(SPLITS))
    split_of = np.array([test, val, *[train] * (data.folds - 2), UNASSIGNED], dtype=np.int8)
    return SplitAssignment(split_of[folds], folds)


def write_splits(
    catalogue: Catalogue, curation: Curation, assignment: SplitAssignment, decoded: RowArray, seed: int, folder: Path
) -> dict[str, np.ndarray]:
    """Write ``<split>.npy`` and ``manifest.csv`` into ``folder``; returns the photos of each split, in order.

    decoded: uint8 (N, size, size, channels), at ``catalogue.rows``. seed: decides the order within a split.
    """
    order: dict[str, np.ndarray] = {}
    with ManifestRow.open_rows(folder / "manifest.csv") as add:
        for number, split in enumerate(SPLITS):
            # An order that mixes the classes, so that any prefix of a split is a fair sample of it.
            members = np.flatnonzero(assignment.splits == number)
            order[split] = members = np.random.default_rng([seed, number]).permutation(members)
            for row, photo in enumerate(members.tolist()):
                label, statistics = int(curation.labels[photo]), catalogue.statistics[photo]
                add(
                    ManifestRow(
                        path=catalogue.paths[photo],
                        class_name=catalogue.classes[label],
                        label=label,
                        split=split,
                        row=row,
                        sha256=statistics["sha256"].tobytes().hex(),
                        bytes=int(statistics["bytes"]),
                        unit=int(curation.units[photo]),
                        labelled=curation.original_classes.get(photo, ""),
                        fold=None if assignment.folds is None else int(assignment.folds[photo]),
                    )
                )
    write_images(decoded, catalogue.rows, order, folder)
    return order
