"""Predictions for ImageNet's classes drawn: photo, bars, and maps of the first two classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from warmstart.drawing.lettering import fit, font
from warmstart.drawing.sheet import GAP, INK, MARGIN, MUTED, PAPER, SMALL, TEXT, heading, square
from warmstart.interpretation.attribution.captions import IMAGENET
from warmstart.interpretation.attribution.galleries import evidence_panel

PANEL_PX, BARS_PX = 192, 250
BAR, TRACK = (0, 114, 178), (232, 232, 238)


@dataclass(frozen=True)
class Photo:
    """A photo by its name, with its class where it is from a dataset. pixels: uint8 (H, W, 3)."""

    name: str
    pixels: np.ndarray
    label: str | None = None

    def square(self, side: int) -> np.ndarray:
        """The middle square of the photo, uint8 (side, side, 3)."""
        image = ImageOps.fit(Image.fromarray(self.pixels), (side, side), Image.Resampling.BICUBIC)
        return np.asarray(image, dtype=np.uint8)


@dataclass(frozen=True)
class ImagenetPrediction:
    """What a network predicts for a photo.

    pixels: what the network got, uint8 (side, side, 3). top: index, name and probability, the most probable first. maps:
    signed, float32 (2, h, w), for the first two.
    """

    photo: Photo
    pixels: np.ndarray
    top: list[tuple[int, str, float]]
    maps: np.ndarray


def draw_predictions(predictions: Sequence[ImagenetPrediction], title: str, layer: str) -> Image.Image:
    """A row for each prediction, as an RGB image. layer: the name of the maps' layer."""
    width = 2 * MARGIN + 3 * PANEL_PX + BARS_PX + 3 * 2 * GAP
    head = heading(title, IMAGENET.format(layer=layer), width)
    top = head.height + 2
    step = PANEL_PX + SMALL + 8 + MARGIN
    image = Image.new("RGB", (width, top + len(predictions) * step), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)

    def caption(text: str, x: int, y: int) -> None:
        draw.text((x, y + PANEL_PX + 4), fit(text, PANEL_PX, SMALL), font=font(SMALL), fill=MUTED)

    for i, p in enumerate(predictions):
        y = top + i * step
        image.paste(square(p.pixels, PANEL_PX), (MARGIN, y))
        caption(f"{p.photo.label}: {p.photo.name}" if p.photo.label else p.photo.name, MARGIN, y)
        _bars(draw, p.top, MARGIN + PANEL_PX + 2 * GAP, y)
        scale = float(np.abs(p.maps).max())
        for k, signed in enumerate(p.maps):
            x = MARGIN + PANEL_PX + BARS_PX + 4 * GAP + k * (PANEL_PX + 2 * GAP)
            image.paste(evidence_panel(signed, p.pixels, scale, PANEL_PX), (x, y))
            caption(f"for {p.top[k][1]}", x, y)
    return image


def _bars(draw: ImageDraw.ImageDraw, top: Sequence[tuple[int, str, float]], x: int, y: int) -> None:
    step = PANEL_PX // len(top)
    for i, (_, name, p) in enumerate(top):
        line = y + i * step
        draw.text((x, line), fit(name, BARS_PX - 56, TEXT), font=font(TEXT), fill=INK)
        draw.text((x + BARS_PX, line), f"{p:.3f}", font=font(TEXT), fill=INK, anchor="ra")
        draw.rectangle((x, line + TEXT + 6, x + BARS_PX, line + TEXT + 13), fill=TRACK)
        if p * BARS_PX >= 1:
            draw.rectangle((x, line + TEXT + 6, x + round(p * BARS_PX), line + TEXT + 13), fill=BAR)
