"""The classic filters of image processing at any size, and Gabor filters, as vectors that kernels are compared with."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np

Bank: TypeAlias = dict[str, np.ndarray]
MIN_GABOR_SIDE_PX = 7  # a smaller kernel holds too little of a wave to tell its length
RANDOM_KERNELS = 2000


def classic_filters(height: int, width: int) -> Bank:
    """Filters by name, each float64 (height, width) of length 1; those that are all zero at this size are left out.

    A horizontal edge is where brightness changes from top to bottom.
    """
    y, x = centred_grid(height, width)
    radius = np.hypot(y, x)
    side = min(height, width)
    middle = 0.25 if side % 2 else 0.75
    wide, narrow = np.exp(-((radius / (side / 4)) ** 2) / 2), np.exp(-((radius / (side / 8)) ** 2) / 2)
    neighbours = (radius > 0.5) & (radius < 1.2)
    made = {
        "box": np.ones((height, width)),
        "Gaussian": wide,
        "point": (radius < middle).astype(float),
        "horizontal line": _zero_mean(np.abs(y) < 0.75),
        "vertical line": _zero_mean(np.abs(x) < 0.75),
        "diagonal line \\": _zero_mean(np.abs(y - x) < 0.5),
        "diagonal line /": _zero_mean(np.abs(y + x) < 0.5),
        "horizontal edge": np.sign(y),
        "vertical edge": np.sign(x),
        "diagonal edge \\": np.sign(x - y),
        "diagonal edge /": np.sign(x + y),
        "Sobel y": sobel(height, width),
        "Sobel x": sobel(width, height).T,
        "Laplacian": 4.0 * (radius < 0.25) - neighbours if side % 2 else np.zeros((height, width)),
        "centre-surround": narrow / narrow.sum() - wide / wide.sum(),
    }
    if height == width == 3:
        made["centre-surround"] = 9.0 * (radius < 0.25) - 1.0
    lengths = {name: float(np.linalg.norm(values)) for name, values in made.items()}
    return {name: values / lengths[name] for name, values in made.items() if lengths[name] > 1e-9}


def sobel(height: int, width: int) -> np.ndarray:
    """Sobel's filter for a brightness that rises from top to bottom, float64 (height, width), with integer weights."""
    slope = np.convolve(_binomial(height - 1), [-1.0, 1.0]) if height > 1 else np.zeros(1)
    return np.outer(slope, _binomial(width))


def gabor_filters(height: int, width: int) -> Bank:
    """Gabor filters by name, each float64 (height, width) of length 1 and mean 0."""
    grid = centred_grid(height, width)
    side = min(height, width)
    made = {}
    for degrees in range(0, 180, 15):
        for wavelength in np.geomspace(3.0, 1.5 * side, 5):
            for sigma in (side / 7, side / 5, side / 3.5):
                for phase in (0, 45, 90, 135):
                    wave = gabor(grid, wavelength, np.radians(degrees), np.radians(phase), sigma)
                    wave -= wave.mean()
                    name = f"Gabor {degrees}°, {wavelength:.1f} px, phase {phase}°, spread {sigma:.1f}"
                    made[name] = wave / np.linalg.norm(wave)
    return made


def gabor(
    grid: tuple[np.ndarray, np.ndarray], wavelength: float, direction: float, phase: float, sigma: float
) -> np.ndarray:
    """A wave under a Gaussian, float64 like the grid, in [-1, 1]; its mean is not taken out.

    grid: y and x of each pixel, as ``centred_grid`` gives them. wavelength, sigma: in pixels. direction: of the wave,
    from the x axis towards the y axis, in radians. phase: in radians.

    Source: J. G. Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation optimized
    by two-dimensional visual cortical filters", JOSA A 2 (1985) 1160-1169.
    """
    y, x = grid
    along = x * np.cos(direction) + y * np.sin(direction)
    return np.asarray(np.cos(2 * np.pi * along / wavelength + phase) * np.exp(-((y**2 + x**2) / sigma**2) / 2))


class Match(NamedTuple):
    """A filter by its name, and a kernel's cosine with it, below 0 where the kernel is like the filter's negative."""

    filter: str
    cosine: float


def nearest(kernels: np.ndarray, bank: Bank) -> list[Match]:
    """The filter of ``bank`` with the largest absolute cosine to each kernel, float (K, h, w).

    A kernel of zeros has the first filter and 0.
    """
    names, filters = list(bank), np.stack([values.ravel() for values in bank.values()])
    flat = kernels.reshape(len(kernels), -1).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    cosines = np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0) @ filters.T
    best = np.abs(cosines).round(12).argmax(axis=1)  # rounded: equal ones go to the first in the list on any machine
    return [Match(names[i], float(cosines[k, i])) for k, i in enumerate(best)]


@cache
def chance(height: int, width: int, gabor: bool = False) -> dict[str, float]:
    """Median and 95 % point (``p95``) of the largest absolute cosine of kernels of independent normal weights."""
    bank = gabor_filters(height, width) if gabor else classic_filters(height, width)
    random = np.random.default_rng(0).normal(size=(RANDOM_KERNELS, height, width))
    cosines = [abs(cosine) for _, cosine in nearest(random, bank)]
    return {"median": float(np.median(cosines)), "p95": float(np.quantile(cosines, 0.95))}


def centred_grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """y and x of each pixel from the middle, float64 (height, width) each; y points down."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    return y - (height - 1) / 2, x - (width - 1) / 2


def _zero_mean(inside: np.ndarray) -> np.ndarray:
    values = inside.astype(np.float64)
    return np.asarray(values - values.mean())


def _binomial(taps: int) -> np.ndarray:
    """Binomial weights: 1 2 1 for three taps."""
    return np.atleast_1d(np.poly(-np.ones(taps - 1)))
