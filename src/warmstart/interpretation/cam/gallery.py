"""Pictures of where a recipe looks: photo, evidence for one class and another, and evidence for and against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from warmstart.dataset.row_array import Rows
from warmstart.drawing.colour import heat_over, signed_over
from warmstart.drawing.lettering import fit, font
from warmstart.drawing.sheet import GAP, INK, MARGIN, MUTED, PAPER, Tile, draw_sheet, heading, square
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.cam.explain import Explained
from warmstart.interpretation.cam.maps import enlarge, positive_share
from warmstart.interpretation.cam.measures import conflict_index

PANEL = 160
TEXT, SMALL = 14, 12
COLUMNS, PHOTO_COLUMNS = 2, 6
CAPTION = 40
GOOD, BAD = (20, 120, 60), (180, 35, 40)
# A map this much weaker than the strongest of the gallery is rounding, not evidence.
BLANK = 1e-6
HEADS = {
    "prediction": "for the prediction",
    "true": "for the true class",
    "against": "against the prediction",
    "signed": "red for, blue against",
}
# Colour grows faster than the map, so that weak maps on a shared scale are still seen.
FAINT = 0.6


@dataclass(frozen=True)
class Gallery:
    """What a gallery is: its title, what the note says, and which maps stand beside each photo (keys of ``HEADS``)."""

    title: str
    note: str
    panels: tuple[str, ...]


def has_evidence(signed: np.ndarray, scale: float) -> bool:
    """Whether a map has anything above 0 to show. scale: the largest absolute value of its gallery."""
    return bool(scale > 0 and signed.max() > BLANK * scale)


def draw_gallery(
    gallery: Gallery, shown: Sequence[Explained], images: Rows, classes: Sequence[str], scale: float
) -> Image.Image:
    """A gallery as an RGB image, two examples a row, each of the photo and the gallery's panels. Evidence is on each map's
    own scale, with its share of the map's mass in the corner, or the words "no evidence" stand there; for and against the
    prediction is on the shared ``scale``.

    images: uint8 (N, H, W, C), by row. scale: the absolute value of a map that gets the full colour. Without examples
    there is the title and the note alone.
    """
    columns = COLUMNS if len(shown) > 1 else 1
    wide = (1 + len(gallery.panels)) * (PANEL + GAP) - GAP
    width = 2 * MARGIN + COLUMNS * wide + (COLUMNS - 1) * 2 * MARGIN
    head = heading(gallery.title, gallery.note, width, size=SMALL)
    top = head.height
    first = top + (SMALL + 8 if shown else 0)
    step = PANEL + CAPTION + MARGIN
    image = Image.new("RGB", (width, first + -(-len(shown) // columns) * step + MARGIN // 2), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    for index, explained in enumerate(shown):
        row, column = divmod(index, columns)
        left = MARGIN + column * (wide + 2 * MARGIN)
        if row == 0:
            for i, said in enumerate(("photo", *(HEADS[panel] for panel in gallery.panels))):
                draw.text((left + i * (PANEL + GAP), top), fit(said, PANEL, SMALL), font=font(SMALL), fill=MUTED)
        image.paste(
            _tile(explained, gallery.panels, images[explained.example.row], classes, scale), (left, first + row * step)
        )
    return image


def draw_photos(gallery: Gallery, shown: Sequence[Example], images: Rows, classes: Sequence[str]) -> Image.Image:
    """The gallery of a network that has no map: photos with what it said, framed green where right and red where wrong."""
    tiles: list[Tile | None] = []
    for e in shown:
        truth = "" if e.predicted == e.true else f", is {classes[e.true]}"
        tiles.append(Tile(images[e.row], f"says {classes[e.predicted]} ({e.p:.2f}){truth}", BAD if truth else GOOD))
    rows = [tiles[i : i + PHOTO_COLUMNS] for i in range(0, len(tiles), PHOTO_COLUMNS)]
    return draw_sheet(rows, gallery.title, gallery.note, side=PANEL)


def _tile(
    explained: Explained, panels: Sequence[str], photo: np.ndarray, classes: Sequence[str], scale: float
) -> Image.Image:
    """One example."""
    e, signed = explained.example, explained.predicted
    tile = Image.new("RGB", ((1 + len(panels)) * (PANEL + GAP) - GAP, PANEL + CAPTION), PAPER)
    tile.paste(square(photo, PANEL), (0, 0))
    draw = ImageDraw.Draw(tile)
    maps = {"prediction": signed, "true": explained.true, "against": -signed}
    for i, panel in enumerate(panels, 1):
        drawn = (
            signed_panel(signed, photo, scale, PANEL)
            if panel == "signed"
            else evidence_panel(maps[panel], photo, scale, PANEL)
        )
        tile.paste(drawn, (i * (PANEL + GAP), 0))
    truth = "right" if not explained.wrong else f"is {classes[e.true]}, p = {e.p_true:.3f}"
    said = f"says {classes[e.predicted]}, p = {e.p:.3f} · {truth} · loss {abs(e.loss):.2f}"
    draw.text((0, PANEL + 5), fit(said, tile.width, TEXT), font=font(TEXT), fill=BAD if explained.wrong else GOOD)
    conflict = float(conflict_index(signed[None])[0])
    figures = "" if np.isnan(conflict) else f"conflict {conflict:.2f} · "
    draw.text((0, PANEL + 9 + TEXT), fit(figures + e.path, tile.width, SMALL), font=font(SMALL), fill=MUTED)
    return tile


def evidence_panel(signed: np.ndarray, photo: np.ndarray, scale: float, side: int) -> Image.Image:
    """What is above 0 in a map, on its own scale, over the photo in grey, with its share of the map's mass in the corner; or
    the words "no evidence".

    signed: float32 (h, w). photo: uint8 (H, W, C). scale: the largest absolute value of the maps it stands among.
    """
    grey, large = _grey(photo, side), _smooth(signed, side)
    if not has_evidence(signed, scale):
        return _words(signed_over(grey, np.zeros_like(large)), "no evidence", (side // 2, side // 2), TEXT, "mm")
    pixels = heat_over(grey, large.clip(min=0) / max(float(large.max()), BLANK * scale))
    return _words(pixels, f"{100 * (positive_share(signed) or 0):.0f} %", (side - 5, side - 5), SMALL - 1, "rd")


def signed_panel(signed: np.ndarray, photo: np.ndarray, scale: float, side: int) -> Image.Image:
    """What is above 0 in a map in red and what is below in blue, over the photo in grey; full colour at ``scale``."""
    grey, large = _grey(photo, side), _smooth(signed, side)
    if not has_evidence(np.abs(signed), scale):
        return _words(signed_over(grey, np.zeros_like(large)), "no evidence", (side // 2, side // 2), TEXT, "mm")
    return Image.fromarray(signed_over(grey, np.sign(large) * (np.abs(large) / scale) ** FAINT))


def _grey(photo: np.ndarray, side: int) -> np.ndarray:
    """As it is drawn, so that a map stays smooth where a tiny photo shows its pixels: float64 (side, side)."""
    grey: np.ndarray = np.asarray(square(photo, side), dtype=np.float64).mean(axis=2)
    return grey


def _smooth(signed: np.ndarray, side: int) -> np.ndarray:
    """A map, float32 (h, w), as large as a panel, without the creases of bilinear enlargement and without overshoot: a mean
    over half a cell around each pixel.
    """
    reach = side // signed.shape[0] // 4
    padded = np.pad(enlarge(signed[None], side)[0].astype(np.float64), reach, mode="edge")
    for axis in (0, 1):
        padded = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=axis).mean(axis=-1)
    return padded


def _words(pixels: np.ndarray, text: str, at: tuple[int, int], size: int, anchor: str) -> Image.Image:
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    box = draw.textbbox(at, text, font=font(size), anchor=anchor)
    pad = size // 3
    draw.rectangle((box[0] - pad, box[1] - pad + 1, box[2] + pad, box[3] + pad - 1), fill=PAPER)
    draw.text(at, text, font=font(size), fill=INK, anchor=anchor)
    return image
