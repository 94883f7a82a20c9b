"""The sheet of a Gabor filter bank: stripes of four directions and three widths, and an image's responses."""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from warmstart.drawing.colormap import grey_pixels, signed_pixels, to_uint8
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson import messages
from warmstart.lesson.convolution.convolve import convolve, format_size, scale_end
from warmstart.lesson.convolution.kernels import ORIENTATIONS, gabor, turned_grid, wavelengths

TILE_PX = 132


@dataclass(frozen=True)
class WavelengthMetrics:
    """Of the filters of one wavelength: side in pixels; mean absolute response and mean energy by orientation."""

    kernel_side: int
    mean_abs: dict[str, float]
    mean_energy: dict[str, float]


@dataclass(frozen=True)
class GaborMetrics:
    """orientations: in degrees. wavelengths: the metrics by wavelength in pixels."""

    orientations: list[int]
    wavelengths: dict[str, WavelengthMetrics] = field(default_factory=dict)


def draw_gabor(grey: np.ndarray, name: str) -> tuple[Image.Image, GaborMetrics]:
    """The bank beside its responses to ``grey``, float (H, W) in [0, 1], and each place's strongest orientation."""
    legend: list[Tile | None] = [Tile(grey_pixels(grey), f"{name} {format_size(grey)}")]
    for angle in ORIENTATIONS:
        legend += [Tile(_bar(angle), f"hue of {angle}°"), None]
    rows = [legend]
    metrics = GaborMetrics(list(ORIENTATIONS))
    for wavelength in wavelengths(min(grey.shape)):
        even = [gabor(wavelength, angle) for angle in ORIENTATIONS]
        odd = [gabor(wavelength, angle, math.pi / 2) for angle in ORIENTATIONS]
        padding = even[0].shape[0] // 2
        responses, quadrature = (convolve(grey, bank, padding=padding, replicate=True) for bank in (even, odd))
        energy = np.hypot(responses, quadrature)
        end = scale_end(responses)
        row: list[Tile | None] = []
        for angle, kernel, response in zip(ORIENTATIONS, even, responses, strict=True):
            caption = f"{angle}°, {wavelength} px, {format_size(kernel)}"
            row.append(Tile(signed_pixels(kernel, float(np.abs(kernel).max())), caption))
            row.append(Tile(signed_pixels(response, end), f"answer {format_size(response)}"))
        rows.append([*row, Tile(strongest_orientation_pixels(energy), "the direction that wins")])
        metrics.wavelengths[str(wavelength)] = WavelengthMetrics(
            kernel_side=even[0].shape[0], mean_abs=_means(np.abs(responses)), mean_energy=_means(energy)
        )
    return draw_sheet(rows, *messages.GABOR, side=TILE_PX), metrics


def strongest_orientation_pixels(energy: np.ndarray) -> np.ndarray:
    """Energies, float (orientations, H, W), as uint8 (H, W, 3): the hue of the strongest, as bright as it is strong."""
    hues = np.array([_hue(angle) for angle in ORIENTATIONS])
    strongest = energy.max(axis=0)
    end = scale_end(strongest)
    brightness = np.clip(strongest / end if end > 0 else strongest, 0, 1)
    return to_uint8(255 * hues[energy.argmax(axis=0)] * brightness[..., None])


def _means(maps: np.ndarray) -> dict[str, float]:
    return {str(angle): float(values.mean()) for angle, values in zip(ORIENTATIONS, maps, strict=True)}


def _hue(angle: float) -> tuple[float, float, float]:
    """Orientations repeat after 180°, and so do their hues."""
    return colorsys.hsv_to_rgb(angle / 180, 0.75, 1.0)


def _bar(angle: float) -> np.ndarray:
    """A bar of this orientation in its hue on black, uint8 (TILE_PX, TILE_PX, 3)."""
    across, along = turned_grid(TILE_PX, angle)
    inside = np.clip(TILE_PX / 14 - np.abs(across), 0, 1) * np.clip(TILE_PX / 3 - np.abs(along), 0, 1)
    return to_uint8(255 * inside[..., None] * np.array(_hue(angle)))
