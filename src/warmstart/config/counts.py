"""Numbers of images per split, which contradict other ways of choosing images."""

from __future__ import annotations

from collections.abc import Collection

COUNTS = ("data.train", "data.val", "data.test")


def freed_counts(said: Collection[str]) -> dict[str, None]:
    """No numbers per split where the dotted keys that a person set ask for so many of a class, or for folds, and for no
    numbers: those of a data option would contradict it.
    """
    if not {"data.per_class", "data.folds"} & set(said) or set(COUNTS) & set(said):
        return {}
    return dict.fromkeys(COUNTS)
