"""What the ``data`` group asks for, looked at before anything is decoded."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.files.plain import free_space
from warmstart.text.file_sizes import format_bytes

ON_LEAK = ("stop", "drop", "allow")
MIN_FOLDS, MAX_FOLDS = 3, 20


def check_request(config: Mapping[str, Any]) -> None:
    """Refuse (UserError) what the ``data`` group cannot mean. config: that group, as plain data."""
    if config["source"] == "critters":
        for split in SPLITS:
            if not config[split] or config[split] < 2:
                raise UserError(
                    f"data.{split} is {config[split]}; critters are drawn to order: give a number of images, 2 or more"
                )
        return
    counts = {split: config[split] for split in SPLITS}
    given = ", ".join(f"data.{split}={number}" for split, number in counts.items() if number is not None)
    for split, number in counts.items():
        if number is not None and number < 1:
            raise UserError(
                f"data.{split} is {number}: give a number of images, or null for all three to use every image"
            )
    if given and not all(counts.values()):
        raise UserError(
            "data.train, data.val and data.test: give all three numbers, or null for all three to use every image"
        )
    _check_fractions(config)
    per_class, folds = config.get("per_class"), config.get("folds")
    if per_class is not None:
        if given:
            raise UserError(
                f"data.per_class={per_class} goes with fractions, but {given} asks for numbers: set those to null, or per_class"
            )
        least = folds or len(SPLITS)
        if per_class < least:
            raise UserError(
                f"data.per_class is {per_class}; every part needs an image of every class: {least} or more, or null for all"
            )
    if folds is not None:
        if not MIN_FOLDS <= folds <= MAX_FOLDS:
            why = "; training, validation and test need a part each" if folds == 2 else ""
            raise UserError(f"data.folds is {folds}: it is {MIN_FOLDS} to {MAX_FOLDS}, or null for one split{why}")
        if given:
            raise UserError(
                f"data.folds={folds} tests on every image once, but {given} asks for numbers: set those to null, or folds"
            )
    word = config.get("on_leak")
    if word is not None and word not in ON_LEAK:
        close = difflib.get_close_matches(str(word), ON_LEAK, 1)
        raise UserError(
            f"data.on_leak is {word!r}{f' (did you mean {close[0]}?)' if close else ''}: it is {', '.join(ON_LEAK)}"
        )


def _check_fractions(config: Mapping[str, Any]) -> None:
    val, test = config["val_fraction"], config["test_fraction"]
    for key, value in (("val_fraction", val), ("test_fraction", test)):
        if not 0 < value < 1:
            raise UserError(f"data.{key} is {value}: it is a part of all images, more than 0 and less than 1")
    if val + test >= 1:
        raise UserError(
            f"data.val_fraction={val} and data.test_fraction={test} leave nothing to train on: together they are less than 1"
        )


def disk_needed(config: Mapping[str, Any], number: int) -> tuple[int, int]:
    """Bytes of disk that preparing ``number`` images takes: at the peak, and when it is done."""
    image = config["size"] ** 2 * config["channels"]
    if config["source"] == "critters":
        total = number * image + config["test"] * config["size"] ** 2
        return total, total
    asked = sum(config[split] or 0 for split in SPLITS)
    kept = min(number, asked or number) * image
    return number * image + kept, kept


def check_disk(config: Mapping[str, Any], number: int, folder: str | Path) -> str:
    """Say how much disk ``number`` images will take below ``folder``. Raises UserError where there is not so much."""
    peak, kept = disk_needed(config, number)
    place, free = free_space(folder)
    what = f"{number:,} images of {config['size']} × {config['size']} × {config['channels']}"
    if peak > free:
        raise UserError(
            f"{what} need {format_bytes(peak)} of disk while they are prepared, but {place} has {format_bytes(free)} free: make room, "
            "or ask for fewer (data.per_class, data.train …) or smaller ones (data.size)"
        )
    return f"{what}: {format_bytes(kept)} of disk" + (
        f", {format_bytes(peak)} while they are prepared" if peak > kept else ""
    )
