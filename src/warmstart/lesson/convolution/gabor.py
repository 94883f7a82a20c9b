"""A Gabor filter bank: stripes of four directions and three widths, and what each answers."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
from PIL import Image

from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.lesson.convolution.kernels import ORIENTATIONS, gabor, wavelengths
from warmstart.lesson.convolution.respond import respond, shape_text
from warmstart.lesson.convolution.tiles import grey_pixels, signed_pixels

SIDE = 132
FULL = 99.5


def draw_gabor(grey: np.ndarray, name: str) -> tuple[Image.Image, dict[str, Any]]:
    """The bank beside its answers to ``grey``, float (H, W) in [0, 1], and the direction that wins at each place."""
    rows: list[list[Tile | None]] = []
    figures: dict[str, Any] = {"orientations": list(ORIENTATIONS), "wavelengths": {}}
    for wavelength in wavelengths(min(grey.shape)):
        kernels = [gabor(wavelength, angle) for angle in ORIENTATIONS]
        odd = [gabor(wavelength, angle, math.pi / 2) for angle in ORIENTATIONS]
        padding = kernels[0].shape[0] // 2
        answers, quadrature = (respond(grey, bank, padding=padding, repeat=True) for bank in (kernels, odd))
        energy = np.hypot(answers, quadrature)
        end = float(np.percentile(np.abs(answers), FULL))
        row: list[Tile | None] = []
        for angle, kernel, answer in zip(ORIENTATIONS, kernels, answers, strict=True):
            row.append(
                Tile(
                    signed_pixels(kernel, float(np.abs(kernel).max())),
                    f"{angle}°, {wavelength} px, {shape_text(kernel)}",
                )
            )
            row.append(Tile(signed_pixels(answer, end), f"answer {shape_text(answer)}"))
        rows.append([*row, Tile(winner_pixels(energy), "the direction that wins")])
        figures["wavelengths"][str(wavelength)] = {
            "kernel_side": kernels[0].shape[0],
            "mean_abs": {str(angle): float(np.abs(a).mean()) for angle, a in zip(ORIENTATIONS, answers, strict=True)},
            "mean_energy": {str(angle): float(e.mean()) for angle, e in zip(ORIENTATIONS, energy, strict=True)},
        }
    legend: list[Tile | None] = [Tile(grey_pixels(grey), f"{name} {shape_text(grey)}")]
    for angle in ORIENTATIONS:
        legend += [Tile(_bar(angle), f"hue of {angle}°"), None]
    note = (
        "A Gabor filter is a grating in a Gaussian window (Gabor 1946, Daugman 1985): it answers to stripes and edges of one direction (0° lies flat) and one "
        "width (its wavelength in pixels). Red above 0, blue below. Right: the hue is the direction with the most energy (even and odd filter together), the brightness how much."
    )
    return draw_sheet([legend, *rows], "A Gabor filter bank", note, side=SIDE), figures


def winner_pixels(energy: np.ndarray) -> np.ndarray:
    """Energies by orientation, float (K, H, W), as uint8 (H, W, 3): the hue of the greatest, as bright as it is strong."""
    hues = np.array([_hue(angle) for angle in ORIENTATIONS])
    strongest = energy.max(axis=0)
    end = float(np.percentile(strongest, FULL))
    brightness = np.clip(strongest / end if end > 0 else strongest, 0, 1)
    pixels: np.ndarray = np.rint(255 * hues[energy.argmax(axis=0)] * brightness[..., None]).astype(np.uint8)
    return pixels


def _hue(angle: float) -> tuple[float, float, float]:
    """Directions repeat after 180°, so do their hues."""
    return colorsys.hsv_to_rgb(angle / 180, 0.75, 1.0)


def _bar(angle: float) -> np.ndarray:
    """A bar of this direction in its hue on black, uint8 (SIDE, SIDE, 3)."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] - (SIDE - 1) / 2
    turn = math.radians(angle)
    across, along = x * math.sin(turn) + y * math.cos(turn), x * math.cos(turn) - y * math.sin(turn)
    inside = np.clip(SIDE / 14 - np.abs(across), 0, 1) * np.clip(SIDE / 3 - np.abs(along), 0, 1)
    bar: np.ndarray = np.rint(255 * inside[..., None] * np.array(_hue(angle))).astype(np.uint8)
    return bar
