"""From surveyed photos to a split: an array on disk each, and the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray, RowWriter
from warmstart.errors import UserError
from warmstart.ingest.catalogue import Survey
from warmstart.ingest.curation import Decisions
from warmstart.ingest.splitting.assignment import NOWHERE
from warmstart.ingest.splitting.split import choose_folds, choose_splits
from warmstart.records.images import Split
from warmstart.records.manifest import ManifestRow

BLOCK = 256


@dataclass(frozen=True)
class Chosen:
    """splits: int8 (N,), indices into ``SPLITS``, -1 for photos that are not used. folds: int8 (N,), or None where there are none."""

    splits: np.ndarray
    folds: np.ndarray | None = None


def choose(survey: Survey, decisions: Decisions, config: Mapping[str, Any]) -> Chosen:
    """Choose the split, or the fold, of every photo that is not left out. config: the ``data`` group. Raises UserError."""
    usable = decisions.usable()
    labels, units, ready = decisions.labels[usable], decisions.units[usable], decisions.ready[usable]
    splits = np.full(len(survey), NOWHERE, dtype=np.int8)
    if not config.get("folds"):
        splits[usable] = choose_splits(labels, units, ready, survey.classes, config)
        return Chosen(splits)
    if (decisions.ready != NOWHERE).any():
        raise UserError(
            f"data.folds={config['folds']} shares all photos out anew, but {config['name']} comes with a split of its own: leave out --folds "
            "(data.folds: null) to keep that split, or take the photos out of their split folders (or the column split out of the table)"
        )
    folds = splits.copy()
    folds[usable] = choose_folds(labels, units, survey.classes, config)
    # Fold 0: tested on part 0, validated on part 1, trained on the others. The last place is for -1.
    train, val, test = range(len(SPLITS))
    split_of = np.array([test, val, *[train] * (config["folds"] - 2), NOWHERE], dtype=np.int8)
    return Chosen(split_of[folds], folds)


def arrange(
    survey: Survey, decisions: Decisions, chosen: Chosen, decoded: RowArray, seed: int, folder: Path
) -> dict[str, np.ndarray]:
    """Write ``<split>.npy`` of every split and ``manifest.csv`` into ``folder``; returns each split's photos in the order of its array.

    decoded: uint8 (N, size, size, channels), at ``survey.places``. seed: decides the order within a split.
    """
    order: dict[str, np.ndarray] = {}
    with ManifestRow.open_rows(folder / "manifest.csv") as add:
        for number, split in enumerate(SPLITS):
            # An order that mixes the classes, so that any prefix of a split is a fair sample of it.
            order[split] = members = np.random.default_rng([seed, number]).permutation(
                np.flatnonzero(chosen.splits == number)
            )
            with RowWriter(folder / f"{split}.npy", decoded.shape[1:]) as images:
                for start in range(0, len(members), BLOCK):
                    images.append(decoded[survey.places[members[start : start + BLOCK]]])
            for row, photo in enumerate(members.tolist()):
                label = int(decisions.labels[photo])
                facts = survey.facts[photo]
                fold = None if chosen.folds is None else int(chosen.folds[photo])
                sha256, unit = facts["sha256"].tobytes().hex(), int(decisions.units[photo])
                labelled = decisions.labelled.get(photo, "")
                path, name = survey.paths[photo], survey.classes[label]
                add(
                    ManifestRow(
                        path, name, label, cast(Split, split), row, sha256, int(facts["bytes"]), unit, labelled, fold
                    )
                )
    return order
