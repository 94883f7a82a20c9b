"""Whether what the ``data`` options ask for is possible, before anything is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from warmstart.config.check import check_value
from warmstart.config.data_schema import Collection, Critters, Data
from warmstart.config.tree import leaves
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.files.plain import free_space
from warmstart.text.file_sizes import format_bytes


def check_request(data: Data) -> None:
    """Refuse (UserError) options that are out of range, or that contradict each other or the source."""
    known, options = leaves(type(data)), asdict(data)
    for name in options:
        if leaf := known.get(f"data.{name}"):
            check_value(leaf.key, options[name], leaf)
    if isinstance(data, Critters):
        for split, number in _counts(data).items():
            if not number or number < 2:
                raise UserError(f"data.{split} is {number}; critters are drawn: give a number of images, 2 or more")
    if isinstance(data, Collection):
        _check_collection(data)


def _counts(data: Critters | Collection) -> dict[str, int | None]:
    return {"train": data.train, "val": data.val, "test": data.test}


def _check_collection(data: Collection) -> None:
    counts = _counts(data)
    given = ", ".join(f"data.{split}={number}" for split, number in counts.items() if number is not None)
    if given and not all(counts.values()):
        raise UserError("data.train, data.val and data.test: give all three numbers, or null for all three")
    if data.val_fraction + data.test_fraction >= 1:
        fractions = f"data.val_fraction={data.val_fraction} and data.test_fraction={data.test_fraction}"
        raise UserError(f"{fractions} leave nothing to train on: lower them")
    if given and data.per_class is not None:
        raise UserError(f"data.per_class={data.per_class} goes with fractions, but {given} asks for numbers: drop one")
    least = data.folds or len(SPLITS)
    if data.per_class is not None and data.per_class < least:
        raise UserError(f"data.per_class is {data.per_class}: it is {least} or more (an image a part), or null for all")
    if given and data.folds is not None:
        raise UserError(f"data.folds={data.folds} tests on every image, but {given} asks for numbers: drop one")


def disk_needed(data: Data, number: int, sizes: Sequence[int] = ()) -> tuple[int, int]:
    """Bytes of disk that preparing ``number`` images takes: at the peak, and when it is done. sizes: other sides at
    which they are kept too.
    """
    pixels = sum(size**2 for size in (data.size, *sizes))
    image = pixels * data.channels
    if isinstance(data, Critters):
        total = number * image + data.test * pixels
        return total, total
    asked = sum(count or 0 for count in _counts(data).values()) if isinstance(data, Collection) else 0
    kept = min(number, asked or number) * image
    return number * image + kept, kept


def check_disk(data: Data, number: int, folder: str | Path, sizes: Sequence[int] = ()) -> str:
    """Say how much disk ``number`` images will take below ``folder``. Raises UserError where there is not so much.

    sizes: other sides at which they are kept too.
    """
    peak, kept = disk_needed(data, number, sizes)
    place, free = free_space(folder)
    sides = " and ".join(f"{size} × {size} × {data.channels}" for size in (data.size, *sizes))
    what = f"{number:,} images of {sides}"
    if peak > free:
        raise UserError(
            f"{what} need {format_bytes(peak)} of disk while they are prepared, but {place} has {format_bytes(free)} "
            "free: make room, or ask for fewer (data.per_class, data.train …) or smaller ones (data.size, recipe.size)"
        )
    meanwhile = f", {format_bytes(peak)} while they are prepared" if peak > kept else ""
    return f"{what}: {format_bytes(kept)} of disk{meanwhile}"
