"""The time that a training takes and that is left: estimated from batches of the first epoch, then from epochs."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from statistics import median

from warmstart.text.quantities import format_duration
from warmstart.training import messages
from warmstart.training.repeats import Repeat

log = logging.getLogger(__name__)
WARM_UP_BATCHES, TIMED_BATCHES = 5, 15
VALIDATION_FACTOR = 1.2  # an epoch with its validation, over its training alone
SECONDS_BETWEEN_LINES = 50.0  # within an epoch
RECENT_EPOCHS = 3  # whose median is the estimate for the next


class TimeEstimate:
    """Logs the expected time, and the progress in a long epoch.

    patience: epochs without a better validation loss before training stops; None: never. repeat: which of the
    trainings of the recipe. ``durations`` below are the seconds of the epochs so far.
    """

    def __init__(self, patience: int | None = None, repeat: Repeat | None = None) -> None:
        self.patience, self.repeat = patience, repeat or Repeat()
        self._warm = self._logged = self._epoch = time.monotonic()

    def on_epoch_start(self) -> None:
        """An epoch begins."""
        self._epoch = self._logged = time.monotonic()

    def on_batch_end(self, batch: int, batches: int, epoch: int, epochs: int, durations: Sequence[float]) -> None:
        """Batch ``batch`` of ``batches`` in epoch ``epoch`` of ``epochs`` is done, both counted from 0."""
        now = time.monotonic()
        if not durations and batch == WARM_UP_BATCHES:
            self._warm = now
        elif not durations and batch == WARM_UP_BATCHES + TIMED_BATCHES:
            self._log_expected((now - self._warm) / TIMED_BATCHES * batches * VALIDATION_FACTOR, epochs)
        if now - self._logged >= SECONDS_BETWEEN_LINES:
            self._logged = now
            spent = now - self._epoch
            seconds = _typical(durations) if durations else spent / (batch + 1) * batches * VALIDATION_FACTOR
            left = max(0.0, seconds * (epochs - epoch) - spent) + self._later_repeats(seconds, epochs)
            prefix = messages.repeat_prefix(self.repeat)
            log.info(messages.WITHIN_EPOCH, prefix, epoch + 1, epochs, batch + 1, batches, self._format(left, epochs))

    def on_epoch_end(self, batches: int, epochs: int, durations: Sequence[float]) -> str:
        """What is left after an epoch, in words, such as ``at most 4 min left``; empty after the last."""
        seconds = _typical(durations)
        first_of_several = len(durations) == 1 and epochs > 1
        if first_of_several and batches <= WARM_UP_BATCHES + TIMED_BATCHES:  # too few batches for an estimate before
            self._log_expected(seconds, epochs)
        left = seconds * (epochs - len(durations)) + self._later_repeats(seconds, epochs)
        return f"{self._format(left, epochs)} left" if left else ""

    def _later_repeats(self, seconds: float, epochs: int) -> float:
        return seconds * epochs * (self.repeat.of - self.repeat.number - 1)

    def _format(self, seconds: float, epochs: int) -> str:
        return ("at most " if self._patience_in(epochs) else "") + format_duration(seconds)

    def _patience_in(self, epochs: int) -> int | None:
        """The patience where a training of so many epochs can stop early."""
        return self.patience if self.patience is not None and self.patience < epochs else None

    def _log_expected(self, seconds: float, epochs: int) -> None:
        log.info("%s", messages.expected_time(seconds * epochs, epochs, self.repeat, self._patience_in(epochs)))


def _typical(durations: Sequence[float]) -> float:
    return median(durations[-RECENT_EPOCHS:])
