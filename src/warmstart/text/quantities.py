"""Numbers as text: percentages, counts, durations and p-values, the same in the terminal and on the pages."""

from __future__ import annotations

from typing import Protocol


class IntervalLike(Protocol):
    """A number with its interval."""

    @property
    def value(self) -> float: ...

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...


def percent(share: float | None) -> str:
    """A share as a percentage without its sign: ``97.3`` for 0.973, a dash for None."""
    return "–" if share is None else f"{100 * share:.1f}"


def percent_interval(share: IntervalLike) -> str:
    """A share with its interval: ``97.3 % [96.1, 98.2]``."""
    return f"{percent(share.value)} % [{percent(share.low)}, {percent(share.high)}]"


def measure(value: float | None, unit: str) -> str:
    """A metric without its unit: a share of ``%`` or ``points`` times 100, ``97.3``; else in three decimals, ``0.973``;
    a dash for None.
    """
    return percent(value) if value is None or unit in ("%", "points") else f"{value:.3f}"


def measure_interval(metric: IntervalLike, unit: str) -> str:
    """A metric with its unit and its interval: ``97.3 % [96.1, 98.2]``, ``0.973 [0.961, 0.982]``."""
    value, low, high = (measure(number, unit) for number in (metric.value, metric.low, metric.high))
    return f"{value}{f' {unit}' if unit else ''} [{low}, {high}]"


def points(difference: float | None) -> str:
    """A difference of shares in percentage points with its sign: ``+9.8`` for 0.098, a dash for None."""
    return "–" if difference is None else f"{100 * difference:+.1f}".replace("-", "−")


def count(number: float) -> str:
    """A whole number with separators: ``1,000``."""
    return f"{number:,.0f}"


def plural(number: int, noun: str, several: str = "") -> str:
    """A number and its noun: ``1 photo``, ``1,200 photos``. several: the plural, where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def p_text(p: float) -> str:
    """A p-value: ``p = 0.031``, ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def milliseconds(seconds: float) -> str:
    """A short time in milliseconds without the unit, in two digits or more: ``0.35``, ``4.2``, ``128``."""
    value = 1000 * seconds
    return f"{value:.{0 if value >= 10 else 1 if value >= 1 else 2}f}"


def format_duration(seconds: float) -> str:
    """A time in two digits or three: ``4.2 s``, ``95 s``, ``2.3 min``, ``48 min``, ``3.1 h``."""
    value, unit = (
        (seconds, "s") if seconds < 120 else (seconds / 60, "min") if seconds < 7200 else (seconds / 3600, "h")
    )
    return f"{value:.{1 if value < 10 else 0}f}".removesuffix(".0") + f" {unit}"
