"""A schedule in numbers: what the configuration leaves null is chosen for the number of training images."""

from __future__ import annotations

from dataclasses import dataclass

from warmstart.config.schema import Schedule
from warmstart.errors import UserError
from warmstart.training.messages import SCHEDULE_BELOW_ONE

SLOW_PHASES = ("scratch_augmented",)  # still learn when others have memorised their images


@dataclass(frozen=True)
class ResolvedSchedule:
    """steps_per_epoch: None for every image once. patience: epochs without a better validation loss; None for all."""

    epochs: int
    batch_size: int
    steps_per_epoch: int | None = None
    patience: int | None = None

    def images_per_epoch(self, n_train: int) -> int:
        """Images that an epoch trains on, of a training set of ``n_train``."""
        return n_train if self.steps_per_epoch is None else self.steps_per_epoch * self.batch_size


def resolve_schedule(schedule: Schedule, n_train: int, *, full_batch: bool, phase: str = "") -> ResolvedSchedule:
    """Fill in what ``schedule`` leaves null. Raises UserError for numbers below 1.

    batch_size: the power of two nearest below n/40, between 16 and 64, so that a small dataset has enough steps.
    epochs: as many as train on about 60,000 images, between 10 and 60; of ``SLOW_PHASES`` three times as many.
    phase: of the recipe.
    """
    for key in ("epochs", "batch_size", "steps_per_epoch", "patience"):
        value = getattr(schedule, key)
        if value is not None and value < 1:
            raise UserError(SCHEDULE_BELOW_ONE.format(key, value))
    epochs = schedule.epochs or min(60, max(10, round(60_000 / n_train))) * (3 if phase in SLOW_PHASES else 1)
    if full_batch:
        return ResolvedSchedule(epochs, n_train, None, schedule.patience)
    batch_size = schedule.batch_size or min(64, max(16, 2 ** ((n_train // 40).bit_length() - 1)))
    return ResolvedSchedule(epochs, min(batch_size, n_train), schedule.steps_per_epoch, schedule.patience)
