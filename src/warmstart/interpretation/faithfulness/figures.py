"""Scores of single images to figures with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from warmstart.evaluation.intervals import Interval, bootstrap_mean

Figures = Mapping[str, Interval | None]


def figure(values: np.ndarray, seed: int) -> Interval | None:
    """The mean of scores, one an image, with its bootstrap interval; NaN, where an image has no score, is left out. None
    without any score.
    """
    known = values[~np.isnan(values)]
    return bootstrap_mean(known, seed=seed) if len(known) else None


def plain(figures: Figures) -> dict[str, dict[str, Any] | None]:
    """The same as plain data."""
    return {key: None if value is None else value.to_dict() for key, value in figures.items()}


def signed(value: float, *, plus: bool = False) -> str:
    """Two decimals with a true minus sign, and never a minus before zero; plus: a sign before what is above 0 too."""
    rounded = round(value, 2) + 0.0
    sign = "−" if rounded < 0 else "+" if plus and rounded > 0 else ""
    return f"{sign}{abs(rounded):.2f}"


def text(found: Interval) -> str:
    """A figure with its interval and n in words."""
    return f"{signed(found.value)} [{signed(found.low)}, {signed(found.high)}], n = {found.n}"
