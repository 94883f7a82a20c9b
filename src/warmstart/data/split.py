"""A seeded, stratified split: every class in the same proportions, every file in one split only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from warmstart.errors import UserError

SPLITS = ("train", "val", "test")


def stratified_split(
    labels: Sequence[int], counts: Mapping[str, int] | None, fractions: Mapping[str, float], classes: Sequence[str], seed: int
) -> dict[str, list[int]]:
    """Choose the members of each split.

    labels: class index of each file, in an order that does not depend on the file system. counts: images per split over all
    classes, shared out equally between the classes (a balanced subsample); None: use every file, in ``fractions``.
    classes: names, for messages. seed: decides who goes where, and nothing else.
    Returns the indices of each split, sorted. Raises UserError where a class has too few files.
    """
    generator = np.random.default_rng([seed, 0x5B117])
    members: dict[int, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        members[label].append(index)
    chosen: dict[str, list[int]] = {split: [] for split in SPLITS}
    for label, name in enumerate(classes):
        order = generator.permutation(members[label])
        wanted = _shares(label, len(classes), counts) if counts else _portions(len(order), fractions)
        if sum(wanted) > len(order):
            raise UserError(
                f"class {name!r} has {len(order)} readable images, but the split asks for {sum(wanted)} of it "
                f"({', '.join(f'data.{split}' for split in SPLITS)}): lower those numbers, or set them to null to use every image"
            )
        if min(wanted) < 1:
            raise UserError(f"class {name!r} has {len(order)} readable images: too few for at least one each in {', '.join(SPLITS)}")
        start = 0
        for split, number in zip(SPLITS, wanted, strict=True):
            chosen[split] += order[start : start + number].tolist()
            start += number
    return {split: sorted(indices) for split, indices in chosen.items()}


def _shares(label: int, n_classes: int, counts: Mapping[str, int]) -> list[int]:
    """Equal shares; what does not divide goes to the first classes."""
    return [counts[split] // n_classes + (label < counts[split] % n_classes) for split in SPLITS]


def _portions(n: int, fractions: Mapping[str, float]) -> list[int]:
    held_out = [max(1, round(n * fractions[split])) for split in SPLITS[1:]]
    return [n - sum(held_out), *held_out]
