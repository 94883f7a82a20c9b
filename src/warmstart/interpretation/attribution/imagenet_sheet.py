"""The bare backbone's answers drawn: photo, bars, and maps of the first two classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.lettering import fit, font
from warmstart.drawing.sheet import GAP, INK, MARGIN, MUTED, PAPER, SMALL, TEXT, heading, square
from warmstart.interpretation.attribution.galleries import evidence_panel
from warmstart.interpretation.attribution.imagenet_photos import Photo

PANEL, BARS = 192, 250
BAR, TRACK = (0, 114, 178), (232, 232, 238)


@dataclass(frozen=True)
class Answer:
    """What a network says of a photo.

    pixels: what it was shown, uint8 (side, side, 3). top: index, name and probability, the most probable first. maps: signed,
    float32 (2, h, w), for the first two.
    """

    photo: Photo
    pixels: np.ndarray
    top: list[tuple[int, str, float]]
    maps: np.ndarray


def draw_predictions(answers: Sequence[Answer], title: str, layer: str) -> Image.Image:
    """A row for each answer, as an RGB image."""
    width = 2 * MARGIN + 3 * PANEL + BARS + 3 * 2 * GAP
    note = (
        "Its own classifier's five most probable of ImageNet's 1000 classes, and the evidence for the first two: Grad-CAM of "
        f"the log-odds of that class, each map on its own scale, its share of for and against in the corner; layer {layer}."
    )
    head = heading(title, note, width)
    top = head.height + 2
    step = PANEL + SMALL + 8 + MARGIN
    image = Image.new("RGB", (width, top + len(answers) * step), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    for i, a in enumerate(answers):
        y = top + i * step
        image.paste(square(a.pixels, PANEL), (MARGIN, y))
        what = f"{a.photo.label}: {a.photo.name}" if a.photo.label else a.photo.name
        draw.text((MARGIN, y + PANEL + 4), fit(what, PANEL, SMALL), font=font(SMALL), fill=MUTED)
        _bars(draw, a.top, MARGIN + PANEL + 2 * GAP, y)
        for k, signed in enumerate(a.maps):
            x = MARGIN + PANEL + BARS + 4 * GAP + k * (PANEL + 2 * GAP)
            scale = float(np.abs(a.maps).max())
            image.paste(evidence_panel(signed, a.pixels, scale, PANEL), (x, y))
            draw.text((x, y + PANEL + 4), fit(f"for {a.top[k][1]}", PANEL, SMALL), font=font(SMALL), fill=MUTED)
    return image


def _bars(draw: ImageDraw.ImageDraw, top: Sequence[tuple[int, str, float]], x: int, y: int) -> None:
    step = PANEL // len(top)
    for i, (_, name, p) in enumerate(top):
        line = y + i * step
        draw.text((x, line), fit(name, BARS - 56, TEXT), font=font(TEXT), fill=INK)
        draw.text((x + BARS, line), f"{p:.3f}", font=font(TEXT), fill=INK, anchor="ra")
        draw.rectangle((x, line + TEXT + 6, x + BARS, line + TEXT + 13), fill=TRACK)
        if p * BARS >= 1:
            draw.rectangle((x, line + TEXT + 6, x + round(p * BARS), line + TEXT + 13), fill=BAR)
