"""Ticks of a logarithmic axis: round numbers, and never too few to read the axis."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

MULTIPLES = (1.0, 2.0, 5.0)
DURATIONS = (1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10_800, 36_000, 86_400, 259_200)  # seconds that people say
MIN_TICKS = 3
MAX_TICKS = 6
MIN_RANGE = 1.05  # high over low


def set_log_yscale(ax: Axes) -> None:
    """Make the vertical axis logarithmic, with labelled ticks. To be called after everything is drawn."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    if high < low * MIN_RANGE:  # hardly more than one value: room to see that it is one
        low, high = low / MIN_RANGE, high * MIN_RANGE
    ax.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.6g}"))
    ax.set_ylim(low, high)


def duration_ticks(low: float, high: float) -> list[float]:
    """Times in [low, high], 0 < low < high, that people say, such as 10 s, 1 min and 30 min; as ``log_ticks`` where
    fewer than two of those are inside, or where it ends below a second or beyond days.
    """
    inside: list[float] = [value for value in DURATIONS if low <= value <= high]
    if len(inside) < 2 or low < DURATIONS[0] / 2 or high > 2 * DURATIONS[-1]:
        inside = log_ticks(low, high)
    return inside[:: math.ceil(len(inside) / MAX_TICKS)]


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers in [low, high], 0 < low < high, at least two and in order.

    Over a decade or more they are 1, 2 and 5 times powers of ten (only the powers over many decades). Within less,
    all of those may lie outside; then they are the ticks of a linear axis.
    """
    powers = [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    inside = [value for value in powers if low <= value <= high]
    if len(inside) > MIN_TICKS:
        return inside
    round_numbers = [multiple * power for power in powers for multiple in MULTIPLES if low <= multiple * power <= high]
    if len(round_numbers) >= MIN_TICKS:
        return round_numbers
    for intervals in (5, 8, 12):
        linear = MaxNLocator(intervals, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        ticks = [float(value) for value in linear if low <= value <= high]
        if len(ticks) > 1:
            break
    return ticks
