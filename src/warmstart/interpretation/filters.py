"""The classic filters of image processing at any size, and Gabor filters, as vectors to compare kernels with."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np

Bank: TypeAlias = dict[str, np.ndarray]
GABOR_FROM = 7  # pixels; a smaller kernel holds too little of a wave to tell its length
RANDOM = 2000


def classic_filters(height: int, width: int) -> Bank:
    """Filters by name, each float64 (height, width) of length 1: box, Gaussian, point, lines, edges, Sobel, Laplacian, centre-surround.

    A name says what is seen: a horizontal edge is where brightness changes from top to bottom. Those that are all zero at
    so small a size are left out.
    """
    y, x = _places(height, width)
    radius = np.hypot(y, x)
    side = min(height, width)
    middle = 0.25 if side % 2 else 0.75
    wide, narrow = np.exp(-((radius / (side / 4)) ** 2) / 2), np.exp(-((radius / (side / 8)) ** 2) / 2)
    neighbours = (radius > 0.5) & (radius < 1.2)
    made = {
        "box": np.ones((height, width)),
        "Gaussian": wide,
        "point": (radius < middle).astype(float),
        "horizontal line": _centred(np.abs(y) < 0.75),
        "vertical line": _centred(np.abs(x) < 0.75),
        "diagonal line \\": _centred(np.abs(y - x) < 0.5),
        "diagonal line /": _centred(np.abs(y + x) < 0.5),
        "horizontal edge": np.sign(y),
        "vertical edge": np.sign(x),
        "diagonal edge \\": np.sign(x - y),
        "diagonal edge /": np.sign(x + y),
        "Sobel y": np.outer(_slope(height), _smooth(width)),
        "Sobel x": np.outer(_smooth(height), _slope(width)),
        "Laplacian": 4.0 * (radius < 0.25) - neighbours if side % 2 else np.zeros((height, width)),
        "centre-surround": narrow / narrow.sum() - wide / wide.sum(),
    }
    if height == width == 3:
        made["centre-surround"] = 9.0 * (radius < 0.25) - 1.0
    lengths = {name: float(np.linalg.norm(values)) for name, values in made.items()}
    return {name: values / lengths[name] for name, values in made.items() if lengths[name] > 1e-9}


def gabor_filters(height: int, width: int) -> Bank:
    """Gabor filters by name, each float64 (height, width) of length 1 and mean 0: a wave under a Gaussian, in 12 directions of
    the wave, 5 lengths, 3 widths of the Gaussian and 4 phases.

    Source: J. G. Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation optimized by
    two-dimensional visual cortical filters", JOSA A 2 (1985) 1160-1169.
    """
    y, x = _places(height, width)
    side = min(height, width)
    made = {}
    for degrees in range(0, 180, 15):
        along = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
        for period in np.geomspace(3.0, 1.5 * side, 5):
            for spread in (side / 7, side / 5, side / 3.5):
                for phase in (0, 45, 90, 135):
                    wave = np.cos(2 * np.pi * along / period + np.radians(phase)) * np.exp(
                        -((y**2 + x**2) / spread**2) / 2
                    )
                    wave -= wave.mean()
                    made[f"Gabor {degrees}°, {period:.1f} px, phase {phase}°, spread {spread:.1f}"] = (
                        wave / np.linalg.norm(wave)
                    )
    return made


def nearest(kernels: np.ndarray, bank: Bank) -> list[tuple[str, float]]:
    """The filter of ``bank`` with the largest absolute cosine to each kernel, float (K, h, w), with that cosine, whose sign says
    whether the kernel is the filter or its negative. A kernel of zeros has the first filter and 0.
    """
    names, filters = list(bank), np.stack([values.ravel() for values in bank.values()])
    flat = kernels.reshape(len(kernels), -1).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    cosines = np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0) @ filters.T
    best = np.abs(cosines).round(12).argmax(axis=1)  # rounded: equal ones go to the first in the list on any machine
    return [(names[i], float(cosines[k, i])) for k, i in enumerate(best)]


@cache
def chance(height: int, width: int, gabor: bool = False) -> dict[str, float]:
    """What kernels of independent normal weights reach: the median and the 95 % point of the largest absolute cosine.

    A small kernel is always somewhat like one of many filters; only more than this is a finding.
    """
    bank = gabor_filters(height, width) if gabor else classic_filters(height, width)
    random = np.random.default_rng(0).normal(size=(RANDOM, height, width))
    reached = [abs(cosine) for _, cosine in nearest(random, bank)]
    return {"median": float(np.median(reached)), "p95": float(np.quantile(reached, 0.95))}


def _places(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:height, :width].astype(np.float64)
    return y - (height - 1) / 2, x - (width - 1) / 2


def _centred(inside: np.ndarray) -> np.ndarray:
    values = inside.astype(np.float64)
    centred: np.ndarray = values - values.mean()
    return centred


def _smooth(taps: int) -> np.ndarray:
    """Binomial weights: 1 2 1 for three taps."""
    weights = np.ones(1)
    for _ in range(taps - 1):
        weights = np.convolve(weights, [1.0, 1.0])
    return weights


def _slope(taps: int) -> np.ndarray:
    """Differences of binomial weights: -1 0 1 for three taps, -1 -2 0 2 1 for five."""
    return np.convolve(_smooth(taps - 1), [-1.0, 1.0]) if taps > 1 else np.zeros(1)
