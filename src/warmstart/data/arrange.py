"""From labelled images in one pool to a split: an array each, and the manifest's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from warmstart.data.split import SPLITS, choose_splits


@dataclass(frozen=True)
class Candidate:
    """An image that may be used: where it is from, its class, the split it comes with, and its row in the pool."""

    path: str
    label: int
    split: str | None
    sha256: str
    bytes: int
    place: int


def arrange(
    candidates: Sequence[Candidate], pool: np.ndarray, classes: Sequence[str], config: Mapping[str, Any], folder: Path
) -> list[dict[str, Any]]:
    """Choose each split's members, write ``<split>.npy`` into ``folder`` and return the manifest's rows.

    pool: uint8 (N, size, size, channels). config: the ``data`` group. Raises UserError where a class has too few images.
    """
    labels = [candidate.label for candidate in candidates]
    chosen = choose_splits(labels, [candidate.split for candidate in candidates], classes, config)
    rows = []
    for split in SPLITS:
        # An order that mixes the classes, so that any prefix of a split is a fair sample of it.
        order = np.random.default_rng([config["seed"], SPLITS.index(split)]).permutation(chosen[split]).tolist()
        images = open_memmap(folder / f"{split}.npy", mode="w+", dtype=np.uint8, shape=(len(order), *pool.shape[1:]))
        for row, member in enumerate(order):
            one = candidates[member]
            images[row] = pool[one.place]
            rows.append(
                {
                    "path": one.path,
                    "class": classes[one.label],
                    "label": one.label,
                    "split": split,
                    "row": row,
                    "sha256": one.sha256,
                    "bytes": one.bytes,
                }
            )
        images.flush()
    return rows
