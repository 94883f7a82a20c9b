"""Pictures of where a recipe looks: photo, evidence, and evidence for and against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.drawing.colour import heat_over, signed_over
from warmstart.drawing.lettering import fit, font, wrap
from warmstart.interpretation.cam.examples import Example

PANEL = 176
GAP = 6
MARGIN = 16
TEXT, SMALL, TITLE = 14, 12, 18
COLUMNS = 2
TILE_WIDTH = 3 * PANEL + 2 * GAP
CAPTION = 40
INK, MUTED, PAPER = (28, 28, 34), (100, 100, 110), (255, 255, 255)
GOOD, BAD = (20, 120, 60), (180, 35, 40)
# A map this much weaker than the strongest of the gallery is rounding, not evidence.
BLANK = 1e-6


@dataclass(frozen=True)
class Picture:
    """An example with its photo, uint8 (H, W, C), and its signed map enlarged to the photo, float32 (H, W).

    share: how much of the map's mass is positive, in [0, 1]; None for a map of zeros.
    """

    example: Example
    photo: np.ndarray
    signed: np.ndarray
    share: float | None


def has_evidence(signed: np.ndarray, scale: float) -> bool:
    """Whether a map has anything above 0 to show. scale: the largest absolute value of its gallery."""
    return bool(scale > 0 and signed.max() > BLANK * scale)


def draw_gallery(pictures: Sequence[Picture], classes: Sequence[str], title: str, note: str, scale: float) -> Image.Image:
    """A gallery as an RGB image, two examples a row, each of three panels: the photo; the evidence for the predicted
    class on the map's own scale, or the words "no evidence"; evidence for (red) and against (blue) that class, on the
    shared ``scale``.

    scale: the absolute value of a map that gets the full colour. Without pictures there is the title and the note
    alone.
    """
    columns = COLUMNS if len(pictures) > 1 else 1
    width = 2 * MARGIN + COLUMNS * TILE_WIDTH + (COLUMNS - 1) * 2 * MARGIN
    lines = wrap(note, width - 2 * MARGIN, SMALL)
    top = MARGIN + TITLE + 10 + len(lines) * (SMALL + 5) + 6
    rows = -(-len(pictures) // columns)
    heading = SMALL + 8 if pictures else 0
    image = Image.new("RGB", (width, top + heading + rows * (PANEL + CAPTION + MARGIN) + MARGIN // 2), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN), fit(title, width - 2 * MARGIN, TITLE), font=font(TITLE), fill=INK)
    for i, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + TITLE + 10 + i * (SMALL + 5)), line, font=font(SMALL), fill=MUTED)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        left = MARGIN + column * (TILE_WIDTH + 2 * MARGIN)
        if row == 0:
            for i, head in enumerate(("photo", "evidence for the prediction", "for (red), against (blue)")):
                draw.text((left + i * (PANEL + GAP), top), fit(head, PANEL, SMALL), font=font(SMALL), fill=MUTED)
        image.paste(_tile(picture, classes, scale), (left, top + heading + row * (PANEL + CAPTION + MARGIN)))
    return image


def _tile(picture: Picture, classes: Sequence[str], scale: float) -> Image.Image:
    grey = picture.photo.astype(np.float64).mean(axis=2)
    own = float(picture.signed.max())
    seen = has_evidence(picture.signed, scale)
    shared = picture.signed / scale if scale > 0 else np.zeros_like(picture.signed)
    evidence = heat_over(grey, np.clip(picture.signed, 0, None) / own) if seen else signed_over(grey, np.zeros_like(shared))
    tile = Image.new("RGB", (TILE_WIDTH, PANEL + CAPTION), PAPER)
    for i, panel in enumerate((picture.photo, evidence, signed_over(grey, shared))):
        tile.paste(_panel(panel), (i * (PANEL + GAP), 0))
    draw = ImageDraw.Draw(tile)
    if not seen:
        _label(draw, "no evidence", PANEL + GAP + PANEL // 2, PANEL // 2)
    e = picture.example
    said = f"says {classes[e.predicted]}, p = {e.p:.3f}"
    truth = "right" if e.predicted == e.true else f"is {classes[e.true]}, p = {e.p_true:.3f}"
    colour = GOOD if e.predicted == e.true else BAD
    draw.text((0, PANEL + 5), fit(f"{said} · {truth} · loss {e.loss:.2f}", TILE_WIDTH, TEXT), font=font(TEXT), fill=colour)
    share = "" if picture.share is None else f"{100 * picture.share:.0f} % of the map is for it · "
    draw.text((0, PANEL + 9 + TEXT), fit(share + e.path, TILE_WIDTH, SMALL), font=font(SMALL), fill=MUTED)
    return tile


def _panel(pixels: np.ndarray) -> Image.Image:
    """uint8 (H, W, 1 or 3) as a square of ``PANEL`` pixels; a tiny image keeps its pixels' edges."""
    rgb = Image.fromarray(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))))
    kernel = Image.Resampling.NEAREST if max(rgb.size) < 48 else Image.Resampling.BICUBIC
    return rgb.resize((PANEL, PANEL), kernel)


def _label(draw: ImageDraw.ImageDraw, text: str, x: int, y: int) -> None:
    box = draw.textbbox((x, y), text, font=font(TEXT), anchor="mm")
    draw.rectangle((box[0] - 6, box[1] - 4, box[2] + 6, box[3] + 4), fill=PAPER)
    draw.text((x, y), text, font=font(TEXT), fill=INK, anchor="mm")
