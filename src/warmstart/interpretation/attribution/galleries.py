"""Galleries of photos with the evidence for and against a class, and the mean map of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import uniform_filter

from warmstart.dataset.row_array import Rows
from warmstart.drawing.colormap import overlay_heatmap, overlay_signed
from warmstart.drawing.sheet import (
    GAP_PX,
    INK,
    MARGIN_PX,
    MUTED,
    PAPER,
    Tile,
    draw_sheet,
    heading,
    in_rows,
    resize_to_fit,
)
from warmstart.drawing.text_layout import ellipsize, font
from warmstart.interpretation.attribution import captions
from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.captions import NO_EVIDENCE, PANELS, Gallery
from warmstart.interpretation.attribution.gradcam import positive_share, upsample
from warmstart.interpretation.attribution.map_statistics import conflict_index
from warmstart.interpretation.examples import Example

PANEL_PX, CAPTION_PX = 160, 40
MEANS_WIDTH_PX = 1040  # as wide as the galleries, so that a page that shows them side by side enlarges neither
MAX_CLASSES_ONE_COLUMN, MAX_CLASSES = 4, 36
TEXT, SMALL = 14, 12
COLUMNS, PHOTO_COLUMNS = 2, 6
RIGHT, WRONG = (20, 120, 60), (180, 35, 40)
MIN_EVIDENCE = 1e-6  # of the strongest map of the gallery; less is rounding
GAMMA = 0.6  # colour grows faster than the map, so that weak maps on a shared scale are seen


def has_evidence(signed: np.ndarray, scale: float) -> bool:
    """Whether a map has anything above 0 to show. scale: the largest absolute value of its gallery."""
    return bool(scale > 0 and signed.max() > MIN_EVIDENCE * scale)


def draw_gallery(
    gallery: Gallery, shown: Sequence[Attribution], images: Rows, classes: Sequence[str], scale: float
) -> Image.Image:
    """A gallery, RGB, two examples a row, each of the photo and the gallery's panels; title and note alone without any.

    Evidence is on each map's own scale; for and against the prediction is on the shared ``scale``, the absolute value
    with the full colour. images: uint8 (N, H, W, C), by row.
    """
    columns = COLUMNS if len(shown) > 1 else 1
    wide = (1 + len(gallery.panels)) * (PANEL_PX + GAP_PX) - GAP_PX
    width = 2 * MARGIN_PX + COLUMNS * wide + (COLUMNS - 1) * 2 * MARGIN_PX
    head = heading(gallery.title, gallery.note, width, size=SMALL)
    first = head.height + (SMALL + 8 if shown else 0)
    step = PANEL_PX + CAPTION_PX + MARGIN_PX
    image = Image.new("RGB", (width, first + -(-len(shown) // columns) * step + MARGIN_PX // 2), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)
    for index, attribution in enumerate(shown):
        row, column = divmod(index, columns)
        left = MARGIN_PX + column * (wide + 2 * MARGIN_PX)
        if row == 0:
            for i, text in enumerate(("photo", *(PANELS[panel] for panel in gallery.panels))):
                at = (left + i * (PANEL_PX + GAP_PX), head.height)
                draw.text(at, ellipsize(text, PANEL_PX, SMALL), font=font(SMALL), fill=MUTED)
        tile = _tile(attribution, gallery.panels, images[attribution.example.row], classes, scale)
        image.paste(tile, (left, first + row * step))
    return image


def draw_photos(gallery: Gallery, shown: Sequence[Example], images: Rows, classes: Sequence[str]) -> Image.Image:
    """The gallery of a network without a map: photos with predictions, framed green where right and red where wrong."""
    tiles: list[Tile | None] = []
    for e in shown:
        truth = f", is {classes[e.label]}" if e.wrong else ""
        caption = f"says {classes[e.predicted]} ({e.p:.2f}){truth}"
        tiles.append(Tile(images[e.row], caption, WRONG if e.wrong else RIGHT))
    return draw_sheet(in_rows(tiles, PHOTO_COLUMNS), gallery.title, gallery.note, side=PANEL_PX)


def draw_means(
    means: np.ndarray, counts: np.ndarray, photos: np.ndarray, classes: Sequence[str], title: str
) -> Image.Image:
    """Three tiles a class: its mean photo, its mean map, and the map minus the mean of the other classes' maps.

    means: float32 (classes, h, w). counts: (classes,). photos: uint8 (classes, H, W, C).
    """
    shown = np.flatnonzero(counts)[:MAX_CLASSES]
    others = (means[counts > 0].sum(0) - means) / max(1, int((counts > 0).sum()) - 1)
    apart = means - others
    scale, apart_scale = (float(np.abs(m[shown]).max(initial=0)) or 1.0 for m in (means, apart))
    abreast = 1 if len(shown) <= MAX_CLASSES_ONE_COLUMN else 2
    side = (MEANS_WIDTH_PX - 2 * MARGIN_PX) // (3 * abreast) - GAP_PX
    triples: list[list[Tile | None]] = []
    for c in shown:
        grey = _grey(photos[c], side)
        maps = ((means, scale), (apart, apart_scale))
        over = [Tile(overlay_signed(grey, upsample(m[c : c + 1], side)[0] / end)) for m, end in maps]
        triples.append([Tile(photos[c], f"{classes[c]}, n = {counts[c]}"), *over])
    rows = [[tile for triple in triples[i : i + abreast] for tile in triple] for i in range(0, len(triples), abreast)]
    other = "the other class's" if len(means) == 2 else "the others' mean"
    columns = ["mean photo", "for (red), against (blue)", f"minus {other}"] * min(abreast, len(triples))
    not_shown, blank = len(np.flatnonzero(counts)) - len(shown), not np.abs(means).max(initial=0)
    note = captions.mean_maps(scale, apart_scale, means[0].size, not_shown, blank)
    return draw_sheet(rows, title, note, side=side, columns=columns)


def _tile(
    attribution: Attribution, panels: Sequence[str], photo: np.ndarray, classes: Sequence[str], scale: float
) -> Image.Image:
    e, signed = attribution.example, attribution.predicted
    tile = Image.new("RGB", ((1 + len(panels)) * (PANEL_PX + GAP_PX) - GAP_PX, PANEL_PX + CAPTION_PX), PAPER)
    tile.paste(resize_to_fit(photo, PANEL_PX), (0, 0))
    draw = ImageDraw.Draw(tile)
    maps = {"prediction": signed, "true": attribution.true, "against": -signed}
    for i, panel in enumerate(panels, 1):
        render = signed_panel if panel == "signed" else evidence_panel
        tile.paste(render(maps.get(panel, signed), photo, scale, PANEL_PX), (i * (PANEL_PX + GAP_PX), 0))
    truth = f"is {classes[e.label]}, p = {e.p_true:.3f}" if e.wrong else "right"
    prediction = f"says {classes[e.predicted]}, p = {e.p:.3f} · {truth} · loss {abs(e.loss):.2f}"
    colour = WRONG if e.wrong else RIGHT
    draw.text((0, PANEL_PX + 5), ellipsize(prediction, tile.width, TEXT), font=font(TEXT), fill=colour)
    conflict = float(conflict_index(signed[None])[0])
    file = ("" if np.isnan(conflict) else f"conflict {conflict:.2f} · ") + e.path
    draw.text((0, PANEL_PX + 9 + TEXT), ellipsize(file, tile.width, SMALL), font=font(SMALL), fill=MUTED)
    return tile


def evidence_panel(signed: np.ndarray, photo: np.ndarray, scale: float, side: int) -> Image.Image:
    """What is above 0 in a map, on its own scale, over the grey photo, with its share of the map's mass in the corner.

    signed: float32 (h, w). photo: uint8 (H, W, C). scale: the largest absolute value of the maps it stands among.
    """
    grey, large = _grey(photo, side), _smooth(signed, side)
    if not has_evidence(signed, scale):
        return _no_evidence(grey)
    pixels = overlay_heatmap(grey, large.clip(min=0) / max(float(large.max()), MIN_EVIDENCE * scale))
    return _label(pixels, f"{100 * (positive_share(signed) or 0):.0f} %", (side - 5, side - 5), SMALL - 1, "rd")


def signed_panel(signed: np.ndarray, photo: np.ndarray, scale: float, side: int) -> Image.Image:
    """What is above 0 in a map in red and what is below in blue, over the grey photo; full colour at ``scale``."""
    grey, large = _grey(photo, side), _smooth(signed, side)
    if not has_evidence(np.abs(signed), scale):
        return _no_evidence(grey)
    return Image.fromarray(overlay_signed(grey, np.sign(large) * (np.abs(large) / scale) ** GAMMA))


def _no_evidence(grey: np.ndarray) -> Image.Image:
    middle = len(grey) // 2
    return _label(overlay_signed(grey, np.zeros_like(grey)), NO_EVIDENCE, (middle, middle), TEXT, "mm")


def _grey(photo: np.ndarray, side: int) -> np.ndarray:
    """The photo as drawn, float64 (side, side), so that a map stays smooth where a tiny photo shows its pixels."""
    return np.asarray(np.asarray(resize_to_fit(photo, side), dtype=np.float64).mean(axis=2))


def _smooth(signed: np.ndarray, side: int) -> np.ndarray:
    """A map, float32 (h, w), upsampled, then a mean over half a cell around each pixel: no creases, no overshoot."""
    radius = side // signed.shape[0] // 4
    return np.asarray(
        uniform_filter(upsample(signed[None], side)[0].astype(np.float64), 2 * radius + 1, mode="nearest")
    )


def _label(pixels: np.ndarray, text: str, at: tuple[int, int], size: int, anchor: str) -> Image.Image:
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    box = draw.textbbox(at, text, font=font(size), anchor=anchor)
    pad = size // 3
    draw.rectangle((box[0] - pad, box[1] - pad + 1, box[2] + pad, box[3] + pad - 1), fill=PAPER)
    draw.text(at, text, font=font(size), fill=INK, anchor=anchor)
    return image
