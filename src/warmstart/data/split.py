"""A seeded, stratified split: every class in the same proportions, every file in one split only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from warmstart.errors import UserError

SPLITS = ("train", "val", "test")


def choose_splits(
    labels: Sequence[int], ready: Sequence[str | None], classes: Sequence[str], config: Mapping[str, Any]
) -> dict[str, list[int]]:
    """Choose the members of each split as the ``data`` group says: so many of each, or all of them by fractions.

    labels: class index of each image. ready: the split that each comes with, None where it comes with none. A ready-made split
    is kept; where it has no validation part, that is taken from the training part.
    Returns the indices of each split, sorted. Raises UserError where a class has too few images.
    """
    wanted = {split: config[split] for split in SPLITS}
    if any(wanted.values()) and not all(wanted.values()):
        raise UserError("data.train, data.val and data.test: give all three numbers, or null for all three to use every image")
    counts = wanted if all(wanted.values()) else None
    fractions = {"val": config["val_fraction"], "test": config["test_fraction"]}
    if not any(ready):
        return stratified_split(labels, counts, fractions, classes, config["seed"])
    own = {split: [i for i, its in enumerate(ready) if (its or "train") == split] for split in SPLITS}
    parts = [("train",), ("val",), ("test",)] if own["val"] else [("train", "val"), ("test",)]
    chosen: dict[str, list[int]] = {}
    for part in parts:
        members = own[part[0]]
        missing = sorted(set(range(len(classes))) - {labels[i] for i in members})
        if missing:
            raise UserError(f"the {part[0]} part has no readable image of class {classes[missing[0]]!r}: every split needs every class")
        some = {split: counts[split] for split in part} if counts else None
        held_out = {split: fractions[split] for split in part[1:]}
        split = stratified_split([labels[i] for i in members], some, held_out, classes, config["seed"], part)
        chosen |= {name: [members[i] for i in indices] for name, indices in split.items()}
    return chosen


def stratified_split(
    labels: Sequence[int],
    counts: Mapping[str, int] | None,
    fractions: Mapping[str, float],
    classes: Sequence[str],
    seed: int,
    splits: Sequence[str] = SPLITS,
) -> dict[str, list[int]]:
    """Choose the members of each split.

    labels: class index of each file, in an order that does not depend on the file system. counts: images per split over all
    classes, shared out equally between the classes (a balanced subsample); None: use every file, in ``fractions``, of which the
    first split has none and takes the rest. classes: names, for messages. seed: decides who goes where, and nothing else.
    Returns the indices of each split, sorted. Raises UserError where a class has too few files.
    """
    generator = np.random.default_rng([seed, 0x5B117])
    members: dict[int, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        members[label].append(index)
    chosen: dict[str, list[int]] = {split: [] for split in splits}
    for label, name in enumerate(classes):
        order = generator.permutation(members[label])
        wanted = _shares(label, len(classes), counts, splits) if counts else _portions(len(order), fractions, splits)
        if sum(wanted) > len(order):
            raise UserError(
                f"class {name!r} has {len(order)} readable images, but the split asks for {sum(wanted)} of it "
                f"({', '.join(f'data.{split}' for split in splits)}): lower those numbers, or set them to null to use every image"
            )
        if min(wanted) < 1:
            raise UserError(f"class {name!r} has {len(order)} readable images: too few for at least one each in {', '.join(splits)}")
        start = 0
        for split, number in zip(splits, wanted, strict=True):
            chosen[split] += order[start : start + number].tolist()
            start += number
    return {split: sorted(indices) for split, indices in chosen.items()}


def _shares(label: int, n_classes: int, counts: Mapping[str, int], splits: Sequence[str]) -> list[int]:
    """Equal shares; what does not divide goes to the first classes."""
    return [counts[split] // n_classes + (label < counts[split] % n_classes) for split in splits]


def _portions(n: int, fractions: Mapping[str, float], splits: Sequence[str]) -> list[int]:
    held_out = [max(1, round(n * fractions[split])) for split in splits[1:]]
    return [n - sum(held_out), *held_out]
