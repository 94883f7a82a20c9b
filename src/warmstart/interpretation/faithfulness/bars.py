"""A figure against a bar: passed or failed only where the whole interval lies on one side."""

from __future__ import annotations

from collections.abc import Iterable

from warmstart.evaluation.intervals import Interval

PASSED, FAILED, UNDECIDED, NOT_SCORED = "passed", "failed", "undecided", "not scored"


def at_least(found: Interval, bar: float) -> str:
    """``PASSED`` where no value of the interval is below the bar, ``FAILED`` where all are, else ``UNDECIDED``."""
    return PASSED if found.low >= bar else FAILED if found.high < bar else UNDECIDED


def at_most(found: Interval, bar: float) -> str:
    """``PASSED`` where no value of the interval is above the bar, ``FAILED`` where all are, else ``UNDECIDED``."""
    return PASSED if found.high <= bar else FAILED if found.low > bar else UNDECIDED


def above(found: Interval, bar: float) -> str:
    """``PASSED`` where all values of the interval are above the bar, ``FAILED`` where none is, else ``UNDECIDED``."""
    return PASSED if found.low > bar else FAILED if found.high <= bar else UNDECIDED


def every(outcomes: Iterable[str]) -> str:
    """Of several conditions: one that failed is enough to fail, and passing takes all."""
    some = set(outcomes)
    return next(outcome for outcome in (FAILED, NOT_SCORED, UNDECIDED, PASSED) if outcome in some)
