"""Ticks on a logarithmic axis, at round numbers and never too few to read it by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MULTIPLES = (1.0, 2.0, 5.0)
FEWEST = 3
NARROWEST = 1.05  # high over low, of an axis


def set_log_yscale(ax: Axes) -> None:
    """Make the vertical axis logarithmic, with labelled ticks; what is drawn on it is drawn already."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    if high < low * NARROWEST:  # hardly more than one value: room to see that it is one
        low, high = low / NARROWEST, high * NARROWEST
    ax.yaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.6g}"))
    ax.set_ylim(low, high)


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers in [low, high], 0 < low < high, at least two and in order.

    Over a decade or more they are 1, 2 and 5 times powers of ten (the powers alone over many decades); within less, such numbers may all
    lie outside, and then they are those that a linear axis would have.
    """
    powers = [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    many = [value for value in powers if low <= value <= high]
    if len(many) > FEWEST:
        return many
    round_numbers = [multiple * power for power in powers for multiple in MULTIPLES if low <= multiple * power <= high]
    if len(round_numbers) >= FEWEST:
        return round_numbers
    for intervals in (5, 8, 12):
        linear = [
            float(value)
            for value in MaxNLocator(intervals, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            if low <= value <= high
        ]
        if len(linear) > 1:
            break
    return linear
