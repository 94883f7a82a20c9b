"""Sizing a schedule to the data where it says null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warmstart.errors import UserError


@dataclass(frozen=True)
class Sizes:
    """A schedule in numbers. steps_per_epoch None: every image once. patience None: never stop early."""

    epochs: int
    batch_size: int
    steps_per_epoch: int | None
    patience: int | None


def resolve_schedule(schedule: Mapping[str, Any], n_train: int, *, full_batch: bool) -> Sizes:
    """Fill in what ``schedule`` leaves null.

    batch_size: the power of two nearest below n/40, between 16 and 64, so that a small dataset still takes enough steps.
    epochs: as many as show the network about 60,000 images, between 10 and 60. Raises UserError for numbers below 1.
    """
    for key in ("epochs", "batch_size", "steps_per_epoch", "patience"):
        if schedule[key] is not None and schedule[key] < 1:
            raise UserError(f"schedule.{key} is {schedule[key]}; it is 1 or more, or null")
    batch = (
        n_train if full_batch else schedule["batch_size"] or min(64, max(16, 2 ** ((n_train // 40).bit_length() - 1)))
    )
    epochs = schedule["epochs"] or min(60, max(10, round(60_000 / n_train)))
    return Sizes(epochs, min(batch, n_train), None if full_batch else schedule["steps_per_epoch"], schedule["patience"])
