"""Patterns drawn: a grid of a layer's filters, and the two methods side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.lettering import font
from warmstart.drawing.sheet import MUTED, Tile, draw_sheet
from warmstart.interpretation.feature_visualization.optimize import Pattern
from warmstart.interpretation.feature_visualization.photo_activations import CROPS

SIDE = 112  # as large as a pattern, so that its pixels are seen
FEW, MANY = 4, 8  # filters a row, for up to 16 and for more
SPREAD = 0.2  # root mean square contrast to which a picture of the plain ascent is stretched
DEAD = (236, 236, 240)
EDGE = 14  # of a picture, one part in so many on each side is not shown
GAP = 2  # pixels between crops

CAPTIONS = "Below a pattern: filter, activation in standard deviations of photos, and how much of it a small shift, turn and zoom leave"
DEEP = f"{CAPTIONS} (near 100 %: a pattern one can recognise; far less: noise fitted to the pixels)."
CLOSE = f"The middle of each picture, doubled. {CAPTIONS} (little where stripes are a pixel wide)."
BESIDE = f"Beside it: what the {CROPS} photos that excite the filter most show where they do."
SHOWN = {
    "plain": "Plain gradient ascent, contrast stretched.",
    "fourier": "Regularised gradient ascent: spectra, decorrelated colours, random warps.",
}


def draw_grid(
    patterns: Sequence[Pattern],
    crops: Sequence[Sequence[np.ndarray]],
    method: str,
    title: str,
    *,
    closely: bool = False,
) -> Image.Image:
    """A layer's patterns, each with its photos' crops, uint8 (h, w, C), beside it.

    closely: show the middle quarter of each pattern, its pixels doubled; what early layers look for is that small.
    """
    across = FEW if len(patterns) <= FEW * FEW else MANY
    tiles: list[Tile | None] = []
    for pattern, some in zip(patterns, crops, strict=True):
        pixels = _pixels(pattern, method)
        tiles += [
            Tile(_middle(pixels) if closely and not pattern.dead else pixels, _caption(pattern)),
            None if pattern.dead else Tile(_mosaic(some)),
        ]
    rows = [tiles[i : i + 2 * across] for i in range(0, len(tiles), 2 * across)]
    return draw_sheet(rows, title, f"{SHOWN[method]} {CLOSE if closely else DEEP} {BESIDE}", side=SIDE)


def _middle(pixels: np.ndarray) -> np.ndarray:
    quarter = pixels.shape[0] // 4
    middle = pixels[quarter : pixels.shape[0] - quarter, quarter : pixels.shape[1] - quarter]
    return middle.repeat(2, axis=0).repeat(2, axis=1)


def draw_methods(found: dict[str, list[Pattern]], crops: Sequence[Sequence[np.ndarray]], title: str) -> Image.Image:
    """The same filters by each method, a row each, and the photos that excite them in a last one."""
    rows = [[Tile(_pixels(p, method), _caption(p)) for p in some] for method, some in found.items()]
    labels = [
        *({"plain": "plain ascent, as in the lesson", "fourier": "regularised ascent"}[method] for method in found),
        "photos",
    ]
    return draw_sheet([*rows, [Tile(_mosaic(some)) for some in crops]], title, DEEP, side=SIDE, labels=labels)


def _caption(pattern: Pattern) -> str:
    if pattern.dead:
        return f"{pattern.channel}: dead"
    return f"{pattern.channel}: {pattern.reached:.1f} · " + (
        "–" if pattern.kept is None else f"{100 * pattern.kept:.0f} %".replace("-", "−")
    )


def _pixels(pattern: Pattern, method: str) -> np.ndarray:
    """uint8 (h, w, C): the picture without its edge, which excites little; the plain ascent's is stretched, like the lesson's, but
    about the grey that it started from, so that a filter for dark places stays dark. A notice for a dead filter.
    """
    if pattern.dead:
        return _notice("dead", "no picture", "excites it")
    edge = max(1, pattern.picture.shape[1] // EDGE)
    picture = pattern.picture[:, edge:-edge, edge:-edge].transpose(1, 2, 0)
    if method == "plain":
        change = picture - 0.5
        picture = 0.5 + change * SPREAD / max(float(np.sqrt(np.square(change).mean())), 1e-6)
    pixels: np.ndarray = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    return pixels


def _notice(*lines: str) -> np.ndarray:
    image = Image.new("RGB", (SIDE, SIDE), DEAD)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        size = 11 if i else 15
        draw.text(((SIDE - font(size).getlength(line)) / 2, SIDE / 2 - 26 + 18 * i), line, font=font(size), fill=MUTED)
    return np.asarray(image)


def _mosaic(crops: Sequence[np.ndarray]) -> np.ndarray:
    """Square crops, two by two, uint8 (SIDE, SIDE, 3)."""
    image = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    half = (SIDE - GAP) // 2
    for i, crop in enumerate(crops):
        rgb = Image.fromarray(np.ascontiguousarray(np.broadcast_to(crop, (*crop.shape[:2], 3))))
        kernel = Image.Resampling.NEAREST if crop.shape[0] < 16 else Image.Resampling.BICUBIC
        image.paste(rgb.resize((half, half), kernel), (i % 2 * (half + GAP), i // 2 * (half + GAP)))
    return np.asarray(image)
