"""The lesson's kernels: edges in four directions, edges of any direction, and a Gabor filter bank."""

from __future__ import annotations

import math

import numpy as np

from warmstart.interpretation import filters

# Sobel's (1968): each responds most where brightness rises across an edge of its direction.
EDGES: dict[str, np.ndarray] = {
    "horizontal": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], dtype=np.float32),
    "vertical": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32),
    "diagonal /": np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], dtype=np.float32),
    "diagonal \\": np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]], dtype=np.float32),
}
# A discrete Laplacian: the pixel against its eight neighbours, whatever the direction.
EDGE_DETECT = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], dtype=np.float32)

ORIENTATIONS = (0, 45, 90, 135)  # degrees, anticlockwise from the horizontal: the direction of the stripes
SIGMA_PER_WAVELENGTH = 0.56  # for a bandwidth of one octave


def gabor(wavelength: float, orientation: float, phase: float = 0.0) -> np.ndarray:
    """A Gabor filter, float32 (k, k): a grating in a Gaussian window, of mean 0, its absolute weights summing to 2,

        exp(−(x² + y²) / 2σ²) · cos(2π x' / λ + φ)

    with x' across the stripes and σ = 0.56 λ (D. Gabor, "Theory of communication", 1946; for two dimensions see
    `warmstart.interpretation.filters.gabor`).

    wavelength: λ in pixels. orientation: of the stripes, in degrees anticlockwise from the horizontal. phase: φ in
    radians; 0 is even (a line), π/2 odd (an edge). Without its mean, a uniform area gives the response 0.
    """
    sigma = SIGMA_PER_WAVELENGTH * wavelength
    side = 2 * math.ceil(2.5 * sigma) + 1
    grid = filters.centred_grid(side, side)
    wave = filters.gabor(grid, wavelength, math.radians(90 - orientation), phase, sigma)
    window = filters.gabor(grid, math.inf, 0.0, 0.0, sigma)
    wave -= window * (wave.sum() / window.sum())
    return np.asarray(2 * wave / np.abs(wave).sum(), dtype=np.float32)


def turned_grid(side: int, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """How far each pixel of a square is across and along a line through its middle, in pixels: float64 (side, side).

    angle: of the line, in degrees anticlockwise from the horizontal. ``across`` is positive below a horizontal line.
    """
    y, x = filters.centred_grid(side, side)
    turn = math.radians(angle)
    return x * math.sin(turn) + y * math.cos(turn), x * math.cos(turn) - y * math.sin(turn)


def wavelengths(side: int) -> tuple[int, ...]:
    """Three wavelengths, in pixels, that suit an image whose shorter side is ``side``."""
    return (3, 5, 8) if side < 64 else (4, 8, 16)
