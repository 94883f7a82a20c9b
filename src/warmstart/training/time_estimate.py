"""How long a training will take, and how much of it is left: from some batches of its first epoch, then from its epochs."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from statistics import median

from warmstart.runtime.progress import spell_epochs, spell_seconds
from warmstart.training.history import Row

log = logging.getLogger(__name__)
WARM_UP, TIMED = 5, 15  # batches
VALIDATION_SHARE = 1.2  # an epoch with its validation, over its training alone
EVERY = 50.0  # seconds without an epoch after which a line says how far the epoch is
RECENT = 3  # epochs that the next are judged by


class TimeLeft:
    """Told of batches and epochs; logs what is to be expected, and how far a long epoch is.

    patience: epochs without a better validation loss after which it stops; None: never early. fold: which, from 0, and of how many.
    """

    def __init__(self, patience: int | None = None, fold: tuple[int, int] = (0, 1)) -> None:
        self.patience = patience
        self.fold, self.folds = fold
        self._warm = self._told = self._epoch = time.monotonic()

    def epoch_started(self) -> None:
        """An epoch begins."""
        self._epoch = self._told = time.monotonic()

    def batch_done(self, batch: int, batches: int, epoch: int, epochs: int, rows: Sequence[Row]) -> None:
        """Batch number ``batch`` of ``batches`` is done, in epoch number ``epoch`` of ``epochs``, both from 0. rows: of the epochs before."""
        now = time.monotonic()
        if not rows and batch == WARM_UP:
            self._warm = now
        elif not rows and batch == WARM_UP + TIMED:
            self._expect((now - self._warm) / TIMED * batches * VALIDATION_SHARE, epochs)
        if now - self._told >= EVERY:
            self._told = now
            seconds = _typical(rows) if rows else (now - self._epoch) / (batch + 1) * batches * VALIDATION_SHARE
            left = max(0.0, seconds * (epochs - epoch) - (now - self._epoch)) + self._later_folds(seconds, epochs)
            log.info(
                "%sepoch %d/%d: %d of %d batches, %s left",
                self._which(),
                epoch + 1,
                epochs,
                batch + 1,
                batches,
                self._spell(left, epochs),
            )

    def on_epoch_end(self, batches: int, epochs: int, rows: Sequence[Row]) -> str:
        """What is left after an epoch, in words, such as ``at most 4 min left``; empty after the last. rows: this epoch's the last."""
        seconds = _typical(rows)
        if len(rows) == 1 < epochs and batches <= WARM_UP + TIMED:
            self._expect(seconds, epochs)  # epochs too short to tell from batches
        left = seconds * (epochs - len(rows)) + self._later_folds(seconds, epochs)
        return f"{self._spell(left, epochs)} left" if left else ""

    def _later_folds(self, seconds: float, epochs: int) -> float:
        return seconds * epochs * (self.folds - self.fold - 1)

    def _spell(self, seconds: float, epochs: int) -> str:
        return ("at most " if self._may_stop(epochs) else "") + spell_seconds(seconds)

    def _may_stop(self, epochs: int) -> bool:
        return self.patience is not None and self.patience < epochs

    def _which(self) -> str:
        return f"fold {self.fold + 1} of {self.folds}, " if self.folds > 1 else ""

    def _expect(self, seconds: float, epochs: int) -> None:
        left = self.folds - self.fold
        which = "the last fold" if left == 1 else f"the {left} folds left" if self.fold else f"each of {left} folds"
        of = f" of {which}" if self.folds > 1 else ""
        most = "at most " if self._may_stop(epochs) else ""
        stops = (
            f"; stops earlier when the validation loss has not fallen for {spell_epochs(self.patience or 0)}"
            if most
            else ""
        )
        log.info(
            "expect %sabout %s for %s%s%s%s",
            most,
            spell_seconds(seconds * epochs * left),
            most,
            spell_epochs(epochs),
            of,
            stops,
        )


def _typical(rows: Sequence[Row]) -> float:
    return median(row["time/epoch_s"] for row in rows[-RECENT:])
