"""Sheets of photos: a contact sheet for each class, and the photos of a finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageDraw

from warmstart.audit.scan import Scan
from warmstart.audit.thumbnails import Thumbnails, evenly_spaced
from warmstart.drawing.sheet import EDGE, MUTED, SMALL_PX, Tile, draw_sheet, in_rows, resize_to_fit
from warmstart.drawing.text_layout import font
from warmstart.records.audit import FindingItem, FindingRecord

MAX_ITEMS_SHOWN = 20  # of a finding, on the page and on its sheet; all are in audit.json
MAX_COPIES_SHOWN = 4  # side by side
SIDE_PX, COLUMNS, ROWS = 96, 10, 3
GAP_PX, ITEM_GAP_PX = 4, 18  # between the photos of one item, and after them
# Titles of the sheets of findings, whose items are single photos or several of the same thing; others have no sheet.
SINGLE_PHOTO_TITLES = {
    "animated": "First frames of animated files",
    "tiny": "Tiny photos",
    "upscaled": "The smallest photos",
    "extreme_aspect": "Strips",
    "modes": "Colours stored in another way",
    "blank": "Photos of one plain colour",
    "flattened": "Almost one tone in 8 bits",
    "dark": "The darkest photos",
    "bright": "The brightest photos",
    "blurred": "The most blurred photos",
}
COPIES_TITLES = {
    "exact": "Exact copies",
    "near": "Photos that look almost the same",
    "conflicts": "One photo, two labels",
    "leaks": "On both sides of the split",
}


def contact_sheet_rows(scan: Scan, label: int) -> list[int]:
    """The photos on a class's contact sheet: spread evenly over its used photos, in the order of the listing."""
    rows = np.flatnonzero(scan.used & (scan.labels == label))
    return [int(row) for row in rows[evenly_spaced(len(rows), COLUMNS * ROWS)]] if len(rows) else []


def contact_sheet(scan: Scan, label: int, thumbnails: Thumbnails) -> Image.Image | None:
    """Some photos of a class; None where there is no picture of any."""
    paths = [scan.paths[row] for row in contact_sheet_rows(scan, label)]
    tiles = [Tile(pixels, _name(path)) for path in paths if (pixels := thumbnails(path)) is not None]
    if not tiles:
        return None
    total = int((scan.used & (scan.labels == label)).sum())
    title = f"{scan.classes[label]}: {len(tiles)} of {total:,} photos, evenly drawn"
    return draw_sheet(in_rows(tiles, COLUMNS), title, side=SIDE_PX)


def sheet_paths(finding: FindingRecord) -> list[str]:
    """The photos on a finding's sheet."""
    if finding.key not in SINGLE_PHOTO_TITLES and finding.key not in COPIES_TITLES:
        return []
    return [path for item in finding.items[:MAX_ITEMS_SHOWN] for path in item.paths]


def finding_sheet(scan: Scan, finding: FindingRecord, thumbnails: Thumbnails) -> Image.Image | None:
    """The first photos of a finding; None where there is no picture of any."""
    paths, items = sheet_paths(finding), finding.items[:MAX_ITEMS_SHOWN]
    pictures = {path: thumbnails(path) for path in paths}
    if all(pixels is None for pixels in pictures.values()):
        return None
    shown = {path: _placeholder() if pixels is None else pixels for path, pixels in pictures.items()}
    if finding.key in SINGLE_PHOTO_TITLES:
        tiles = [Tile(shown[item.paths[0]], _name(item.paths[0])) for item in items]
        return draw_sheet(in_rows(tiles, COLUMNS), SINGLE_PHOTO_TITLES[finding.key], side=SIDE_PX)
    labels = {path: scan.label(row) for row, path in enumerate(scan.paths) if path in shown}
    copies = min(MAX_COPIES_SHOWN, max(len(item.paths) for item in items))
    strips = (_side_by_side([shown[path] for path in item.paths[:copies]], copies) for item in items)
    tiles = [Tile(strip, _caption(item, finding.key, labels)) for strip, item in zip(strips, items, strict=True)]
    width = copies * (SIDE_PX + GAP_PX) + ITEM_GAP_PX
    rows = in_rows(tiles, max(1, COLUMNS * (SIDE_PX + 6) // width))
    return draw_sheet(rows, COPIES_TITLES[finding.key], side=width, height=SIDE_PX)


def _caption(item: FindingItem, kind: str, labels: dict[str, str]) -> str:
    if kind == "conflicts":
        return f"{' against '.join(labels.get(path, '?') for path in item.paths)}: {_name(item.paths[0])}"
    return f"{item.note}: {' = '.join(_name(path) for path in item.paths[:2])}"


def _side_by_side(pictures: Sequence[np.ndarray], places: int) -> np.ndarray:
    """Pictures on white: uint8 (SIDE_PX, places × SIDE_PX and gaps, 3)."""
    image = Image.new("RGB", (places * (SIDE_PX + GAP_PX) + ITEM_GAP_PX, SIDE_PX), "white")
    left = 0
    for pixels in pictures:
        picture = resize_to_fit(pixels, SIDE_PX)
        image.paste(picture, (left, (SIDE_PX - picture.height) // 2))
        left += picture.width + GAP_PX
    return np.asarray(image)


def _placeholder() -> np.ndarray:
    """A frame for a photo that was left out, of which nothing was kept."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIDE_PX - 1, SIDE_PX - 1), outline=EDGE)
    for i, line in enumerate(("left out,", "not kept")):
        y = SIDE_PX / 2 + (i - 0.5) * (SMALL_PX + 4)
        draw.text((SIDE_PX / 2, y), line, font=font(SMALL_PX), fill=MUTED, anchor="mm")
    return np.asarray(image)


def _name(path: str) -> str:
    return PurePosixPath(path).name
