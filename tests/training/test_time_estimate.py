"""What a training is expected to take, and what is left of it."""

from __future__ import annotations

import logging
from itertools import pairwise
from types import SimpleNamespace

import pytest

from warmstart.training import time_estimate
from warmstart.training.repeats import Repeat
from warmstart.training.time_estimate import TimeEstimate

Log = pytest.LogCaptureFixture


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, caplog: Log) -> SimpleNamespace:
    """Time that passes when it is told to."""
    caplog.set_level(logging.INFO, "warmstart")
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(time_estimate, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def epoch(
    left: TimeEstimate,
    clock: SimpleNamespace,
    number: int,
    seconds: float,
    durations: list[float],
    batches: int,
    epochs: int,
) -> str:
    left.on_epoch_start()
    for batch in range(batches):
        clock.now += seconds / batches
        left.on_batch_end(batch, batches, number, epochs, durations)
    durations.append(seconds)
    return left.on_epoch_end(batches, epochs, durations)


def test_the_first_guess_says_what_it_depends_on(clock: SimpleNamespace, caplog: Log) -> None:
    epoch(TimeEstimate(patience=8), clock, 0, 10.0, [], 100, 60)
    assert caplog.messages == [
        "expect at most about 12 min for at most 60 epochs; stops earlier when the validation loss has not fallen for "
        "8 epochs"
    ]
    caplog.clear()
    epoch(TimeEstimate(patience=30), clock, 0, 10.0, [], 4, 30)  # it has no time to stop early
    epoch(TimeEstimate(), clock, 0, 10.0, [], 4, 30)
    assert caplog.messages == ["expect about 5 min for 30 epochs"] * 2


def test_what_is_left_follows_the_epochs_that_were_measured(clock: SimpleNamespace) -> None:
    left, durations = TimeEstimate(patience=8), []
    assert epoch(left, clock, 0, 150.0, durations, 30, 60) == "at most 2.5 h left"
    for number in range(1, 5):  # the machine is idle again
        said = epoch(left, clock, number, 6.0, durations, 30, 60)
    assert said == "at most 5.5 min left"
    plain, durations = TimeEstimate(), []
    assert epoch(plain, clock, 0, 6.0, durations, 30, 2) == "6 s left"
    assert epoch(plain, clock, 1, 6.0, durations, 30, 2) == ""


def test_later_folds_count(clock: SimpleNamespace, caplog: Log) -> None:
    assert epoch(TimeEstimate(None, Repeat(0, 5)), clock, 0, 6.0, [], 30, 2) == "54 s left"
    assert "of each of 5 folds" in caplog.text


def test_later_seeds_count(clock: SimpleNamespace, caplog: Log) -> None:
    assert epoch(TimeEstimate(None, Repeat(1, 3, "seeds")), clock, 0, 6.0, [], 30, 2) == "18 s left"
    assert "of the 2 seeds left" in caplog.text


def test_a_long_epoch_is_heard_of_every_minute(clock: SimpleNamespace, caplog: Log) -> None:
    durations = [600.0]
    left = TimeEstimate(1, Repeat(1, 5))
    left.on_epoch_start()
    heard = [clock.now]
    for batch in range(500):
        clock.now += 1.2
        before = len(caplog.messages)
        left.on_batch_end(batch, 500, 1, 3, durations)
        heard += [clock.now] * (len(caplog.messages) - before)
    assert len(heard) > 10 and max(later - earlier for earlier, later in pairwise(heard)) <= 60
    assert "fold 2 of 5, epoch 2/3: " in caplog.text and " of 500 batches, at most " in caplog.text
