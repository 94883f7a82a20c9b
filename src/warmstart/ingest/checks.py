"""Whether what the ``data`` options ask for is possible, before anything is decoded."""

from __future__ import annotations

import difflib
from pathlib import Path

from warmstart.config.data_schema import Collection, Critters, Data, Photos
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.files.plain import free_space
from warmstart.text.file_sizes import format_bytes

ON_LEAK = ("stop", "drop", "allow")
MIN_FOLDS, MAX_FOLDS = 3, 20


def check_request(data: Data) -> None:
    """Refuse (UserError) options that contradict each other or the source."""
    if isinstance(data, Critters):
        for split, number in _counts(data).items():
            if not number or number < 2:
                raise UserError(
                    f"data.{split} is {number}; critters are drawn to order: give a number of images, 2 or more"
                )
    if isinstance(data, Collection):
        given = _check_counts(data)
        _check_fractions(data)
        _check_per_class(data, given)
        _check_folds(data, given)
    if isinstance(data, Photos) and data.on_leak not in ON_LEAK:
        close = difflib.get_close_matches(str(data.on_leak), ON_LEAK, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UserError(f"data.on_leak is {data.on_leak!r}{hint}: it is {', '.join(ON_LEAK)}")


def _counts(data: Critters | Collection) -> dict[str, int | None]:
    return {"train": data.train, "val": data.val, "test": data.test}


def _check_counts(data: Collection) -> str:
    """Returns which numbers of images are asked for, in words; nothing where all are by fractions."""
    counts = _counts(data)
    for split, number in counts.items():
        if number is not None and number < 1:
            raise UserError(
                f"data.{split} is {number}: give a number of images, or null for all three to use every image"
            )
    given = ", ".join(f"data.{split}={number}" for split, number in counts.items() if number is not None)
    if given and not all(counts.values()):
        raise UserError(
            "data.train, data.val and data.test: give all three numbers, or null for all three to use every image"
        )
    return given


def _check_per_class(data: Collection, given: str) -> None:
    if data.per_class is None:
        return
    if given:
        raise UserError(
            f"data.per_class={data.per_class} goes with fractions, but {given} asks for numbers: set those to null, "
            "or per_class"
        )
    least = data.folds or len(SPLITS)
    if data.per_class < least:
        raise UserError(
            f"data.per_class is {data.per_class}; every part needs an image of every class: {least} or more, "
            "or null for all"
        )


def _check_folds(data: Collection, given: str) -> None:
    if data.folds is None:
        return
    if not MIN_FOLDS <= data.folds <= MAX_FOLDS:
        why = "; training, validation and test need a part each" if data.folds == 2 else ""
        raise UserError(f"data.folds is {data.folds}: it is {MIN_FOLDS} to {MAX_FOLDS}, or null for one split{why}")
    if given:
        raise UserError(
            f"data.folds={data.folds} tests on every image once, but {given} asks for numbers: set those to null, or "
            f"folds"
        )


def _check_fractions(data: Collection) -> None:
    val, test = data.val_fraction, data.test_fraction
    for key, value in (("val_fraction", val), ("test_fraction", test)):
        if not 0 < value < 1:
            raise UserError(f"data.{key} is {value}: it is a part of all images, more than 0 and less than 1")
    if val + test >= 1:
        raise UserError(
            f"data.val_fraction={val} and data.test_fraction={test} leave nothing to train on: together they are less "
            "than 1"
        )


def disk_needed(data: Data, number: int) -> tuple[int, int]:
    """Bytes of disk that preparing ``number`` images takes: at the peak, and when it is done."""
    image = data.size**2 * data.channels
    if isinstance(data, Critters):
        total = number * image + data.test * data.size**2
        return total, total
    asked = sum(count or 0 for count in _counts(data).values()) if isinstance(data, Collection) else 0
    kept = min(number, asked or number) * image
    return number * image + kept, kept


def check_disk(data: Data, number: int, folder: str | Path) -> str:
    """Say how much disk ``number`` images will take below ``folder``. Raises UserError where there is not so much."""
    peak, kept = disk_needed(data, number)
    place, free = free_space(folder)
    what = f"{number:,} images of {data.size} × {data.size} × {data.channels}"
    if peak > free:
        raise UserError(
            f"{what} need {format_bytes(peak)} of disk while they are prepared, but {place} has {format_bytes(free)} "
            "free: make room, or ask for fewer (data.per_class, data.train …) or smaller ones (data.size)"
        )
    meanwhile = f", {format_bytes(peak)} while they are prepared" if peak > kept else ""
    return f"{what}: {format_bytes(kept)} of disk{meanwhile}"
