"""The bare backbone's answers drawn: photo, bars, and maps of the first two classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.sheet import GAP_PX, INK, MARGIN_PX, MUTED, PAPER, SMALL_PX, TEXT_PX, heading, resize_to_fit
from warmstart.drawing.text_layout import ellipsize, font
from warmstart.interpretation.cam.gallery import evidence_panel
from warmstart.interpretation.imagenet.photos import Photo

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


def draw_answers(answers: Sequence[Answer], title: str, layer: str) -> Image.Image:
    """A row for each answer, as an RGB image."""
    width = 2 * MARGIN_PX + 3 * PANEL + BARS + 3 * 2 * GAP_PX
    note = (
        "Its own classifier's five most probable of ImageNet's 1000 classes, and the evidence for the first two: Grad-CAM of "
        f"the log-odds of that class, each map on its own scale, its share of for and against in the corner; layer {layer}."
    )
    head = heading(title, note, width)
    top = head.height + 2
    step = PANEL + SMALL_PX + 8 + MARGIN_PX
    image = Image.new("RGB", (width, top + len(answers) * step), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    for i, a in enumerate(answers):
        y = top + i * step
        image.paste(resize_to_fit(a.pixels, PANEL), (MARGIN_PX, y))
        what = f"{a.photo.label}: {a.photo.name}" if a.photo.label else a.photo.name
        draw.text((MARGIN_PX, y + PANEL + 4), ellipsize(what, PANEL, SMALL_PX), font=font(SMALL_PX), fill=MUTED)
        _bars(draw, a.top, MARGIN_PX + PANEL + 2 * GAP_PX, y)
        for k, signed in enumerate(a.maps):
            x = MARGIN_PX + PANEL + BARS + 4 * GAP_PX + k * (PANEL + 2 * GAP_PX)
            scale = float(np.abs(a.maps).max())
            image.paste(evidence_panel(signed, a.pixels, scale, PANEL), (x, y))
            draw.text(
                (x, y + PANEL + 4), ellipsize(f"for {a.top[k][1]}", PANEL, SMALL_PX), font=font(SMALL_PX), fill=MUTED
            )
    return image


def _bars(draw: ImageDraw.ImageDraw, top: Sequence[tuple[int, str, float]], x: int, y: int) -> None:
    step = PANEL // len(top)
    for i, (_, name, p) in enumerate(top):
        line = y + i * step
        draw.text((x, line), ellipsize(name, BARS - 56, TEXT_PX), font=font(TEXT_PX), fill=INK)
        draw.text((x + BARS, line), f"{p:.3f}", font=font(TEXT_PX), fill=INK, anchor="ra")
        draw.rectangle((x, line + TEXT_PX + 6, x + BARS, line + TEXT_PX + 13), fill=TRACK)
        if p * BARS >= 1:
            draw.rectangle((x, line + TEXT_PX + 6, x + round(p * BARS), line + TEXT_PX + 13), fill=BAR)
