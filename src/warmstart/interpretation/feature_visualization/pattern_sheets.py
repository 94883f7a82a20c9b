"""Patterns drawn: a grid of a layer's filters, and the two methods side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colormap import to_uint8
from warmstart.drawing.sheet import MUTED, Tile, draw_sheet, in_rows, mosaic, to_image
from warmstart.drawing.text_layout import font
from warmstart.interpretation.feature_visualization import messages
from warmstart.interpretation.feature_visualization.optimize import Pattern

SIDE_PX = 112  # as large as a pattern, so that its pixels are seen
FEW_COLUMNS, COLUMNS = 4, 8  # filters a row, for up to 16 and for more
CONTRAST = 0.2  # root mean square, to which a picture of the plain ascent is stretched
DEAD_GREY = (236, 236, 240)
HIDDEN_EDGE = 14  # one part in so many of a picture, on each side, is not shown
CROP_GAP, MIN_BICUBIC_PX = 2, 16


def draw_grid(
    patterns: Sequence[Pattern], crops: Sequence[Sequence[np.ndarray]], method: str, title: str
) -> Image.Image:
    """A layer's patterns, each with its photos' crops, uint8 (h, w, C), beside it.

    Of ``plain`` patterns the middle quarter is shown, its pixels doubled: what early layers respond to is that small.
    """
    columns = FEW_COLUMNS if len(patterns) <= FEW_COLUMNS**2 else COLUMNS
    tiles: list[Tile | None] = []
    for pattern, some in zip(patterns, crops, strict=True):
        pixels = _pixels(pattern, method)
        pixels = _middle(pixels) if method == "plain" and not pattern.dead else pixels
        tiles += [Tile(pixels, messages.caption(pattern)), None if pattern.dead else Tile(_mosaic(some))]
    return draw_sheet(in_rows(tiles, 2 * columns), title, messages.grid(method), side=SIDE_PX)


def draw_methods(
    found: Mapping[str, Sequence[Pattern]], crops: Sequence[Sequence[np.ndarray]], title: str
) -> Image.Image:
    """The same filters by each method, a row each, and the photos that excite them in a last one."""
    rows = [[Tile(_pixels(p, method), messages.caption(p)) for p in some] for method, some in found.items()]
    rows.append([Tile(_mosaic(some)) for some in crops])
    labels = [*(messages.METHOD_LABELS[method] for method in found), "photos"]
    return draw_sheet(rows, title, messages.WHOLE, side=SIDE_PX, labels=labels)


def _pixels(pattern: Pattern, method: str) -> np.ndarray:
    """uint8 (h, w, C): the picture without its edge, which excites little; a notice for a dead filter.

    The plain ascent's is stretched about the grey that it started from: a filter for dark places stays dark.
    """
    if pattern.dead:
        return _notice("dead", "no picture", "excites it")
    edge = max(1, pattern.picture.shape[1] // HIDDEN_EDGE)
    picture = pattern.picture[:, edge:-edge, edge:-edge].transpose(1, 2, 0)
    if method == "plain":
        change = picture - 0.5
        picture = 0.5 + change * CONTRAST / max(float(np.sqrt(np.square(change).mean())), 1e-6)
    return to_uint8(255 * picture)


def _middle(pixels: np.ndarray) -> np.ndarray:
    quarter = pixels.shape[0] // 4
    middle = pixels[quarter : pixels.shape[0] - quarter, quarter : pixels.shape[1] - quarter]
    return middle.repeat(2, axis=0).repeat(2, axis=1)


def _notice(*lines: str) -> np.ndarray:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), DEAD_GREY)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        letters = font(11 if i else 15)
        at = ((SIDE_PX - letters.getlength(line)) / 2, SIDE_PX / 2 - 26 + 18 * i)
        draw.text(at, line, font=letters, fill=MUTED)
    return np.asarray(image)


def _mosaic(crops: Sequence[np.ndarray]) -> np.ndarray:
    """Square crops, two by two, uint8 (112, 112, 3)."""
    half, kernels = (SIDE_PX - CROP_GAP) // 2, (Image.Resampling.NEAREST, Image.Resampling.BICUBIC)
    tiles = [to_image(crop).resize((half, half), kernels[len(crop) >= MIN_BICUBIC_PX]) for crop in crops]
    return np.asarray(mosaic(tiles, 2, 2, half, CROP_GAP))
